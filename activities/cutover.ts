import type { CampaignAnswer, Carrier } from '../carriers/carrier.ts';
import { databaseProves } from '../domain/database-proof.ts';
import type { ProofTerms } from '../domain/lifecycle/cutover.ts';
import { isFinal } from '../domain/message.ts';
import { probesBeforeCanary } from '../domain/probe.ts';
import { firstCheckMs } from '../domain/routing-check.ts';
import type { Engine } from '../intake/engine.ts';
import type { Logger } from '../intake/logger.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import { randomId } from '../store/vault.ts';
import { attributed } from './attribution.ts';
import { createChecklists } from './checklists.ts';
import type { CutoverActivities, Findings, Step } from './interfaces.ts';
import type { LookUps } from './look-ups.ts';
import { optOutsUnverified } from './marketing-hold.ts';
import { createProbes, type ProbeNumber } from './probes.ts';
import { changeRouting as changeRoutingIn } from './routing-change.ts';
import { countDueAfter } from './text-accounts.ts';

export interface CutoverDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly lookUps: LookUps;
  readonly logger: Logger;
}

/** The steps of one number's cutover. */
export function createCutoverActivities(deps: CutoverDependencies): CutoverActivities {
  const { store, engine, carriers } = deps;
  const checklists = createChecklists({ store, carriers });
  const probes = createProbes({ store, engine, carriers, logger: deps.logger });

  async function load(numberKey: string): Promise<NumberDocument> {
    const number = await store.numbers.find(numberKey);
    if (!number) throw new Error(`Number ${numberKey} has no record; register it and try again.`);
    return number;
  }

  /** Changes a number's routing conditionally, as often as somebody else was first. */
  const changeRouting = changeRoutingIn.bind(undefined, store);

  async function databaseNames(carrierId: string, number: NumberDocument): Promise<boolean> {
    try {
      const record = await deps.lookUps.lookUp(store.vault.open(number.number));
      const spids = deps.carriers.get(carrierId)?.settings.spids ?? [];
      return record?.spid !== undefined && spids.includes(record.spid);
    } catch (error) {
      deps.logger.warn(
        { err: error, numberKey: number._id },
        'the portability database did not answer; it is asked again',
      );
      return false;
    }
  }

  /** Sends the oldest and most urgent held text by the gaining carrier, unless one is under way. */
  async function sendCanary(number: NumberDocument, portId: string): Promise<void> {
    const canary = number.proof?.canaryId ? await store.messages.find(number.proof.canaryId) : undefined;
    if (canary?.canaryAt && !isFinal(canary.status) && canary.status !== 'held') return;
    const held = await store.messages.findHeld(number._id, 20);
    const chosen = held.find((message) => message.fromKey === number._id);
    if (!chosen) return;
    const [released] = await store.messages.change([chosen._id], (message) =>
      message.status === 'held' && message.hold
        ? {
            status: 'accepted',
            hold: { ...message.hold, releasedAt: new Date() },
            workflowId: undefined,
            canaryAt: new Date(),
          }
        : undefined,
    );
    if (!released) return;
    await store.numbers.saveProof(number._id, portId, { canaryId: released._id });
    await engine.startMessages([released._id], released.kind, randomId('canary'));
  }

  /**
   * Proves by texts between numbers of ours, where there are any; else, or when those come to nothing, by the oldest held text. Nothing
   * is sent before the number has moved: it would go the old way.
   * @returns when the next probe is due
   */
  async function seekProof(
    number: NumberDocument,
    portId: string,
    usable: readonly ProbeNumber[],
  ): Promise<Pick<Findings, 'nextProbeMs'>> {
    const proof = number.proof?.portId === portId ? number.proof : undefined;
    const now = new Date();
    const sent = await Promise.all([
      proof?.inboundAt ? undefined : probes.sendDue('in', number, portId, usable, now),
      proof?.outboundAt ? undefined : probes.sendDue('out', number, portId, usable, now),
    ]);
    const due = sent.flatMap((each) => each?.getTime() ?? []);
    const inVain = (proof?.probeOut?.count ?? 0) >= probesBeforeCanary;
    if (!proof?.outboundAt && (usable.length === 0 || inVain)) await sendCanary(number, portId);
    return due.length > 0 ? { nextProbeMs: Math.max(0, Math.min(...due) - Date.now()) } : {};
  }

  /** A carrier that can't be asked now is asked at the next look. */
  async function attachCampaign(number: NumberDocument, carrier: string, campaignId: string): Promise<CampaignAnswer> {
    try {
      return (await carriers.get(carrier)?.campaigns?.attach(store.vault.open(number.number), campaignId)) ?? 'pending';
    } catch (error) {
      deps.logger.warn(
        { err: error, numberKey: number._id },
        'the campaign could not be attached now; it is tried again',
      );
      return 'pending';
    }
  }

  /** Whether the losing carrier's opt-outs are in the ledger, which then refuses by itself. */
  async function optOutsRead(portId: string, numberKey: string): Promise<boolean> {
    const move = await store.optOutMoves.find(portId, numberKey);
    return move !== null && move.from !== 'nowhere';
  }

  const tellings = new Map<string, Promise<void>>();

  async function tellOpenItems(portId: string, focAt: string): Promise<void> {
    if ((await store.ports.findPlan(portId))?.checklistToldFor === focAt) return;
    const port = await store.ports.findOrder(portId);
    if (!port) return;
    const open = (await checklists.read(port)).filter((each) => each.state === 'open').map((each) => each.item);
    if (open.length > 0) {
      await store.timeline.append(portId, `checklist-open/${focAt}`, 0, [
        {
          at: new Date().toISOString(),
          actor: 'portsms',
          type: 'port.checklist-open',
          detail: `The date ${focAt} is near, and still open: ${open.join(', ')}.`,
        },
      ]);
    }
    // The opt-outs at the losing carrier can be read only until then.
    await engine.optOutsMove(portId);
    await store.ports.noteChecklistTold(portId, focAt);
  }

  return {
    async tellChecklist({ portId, focAt }) {
      // The cutovers of an order come to this at the same moment, up to 500 of them: one reads, the others wait for it.
      const key = `${portId}/${focAt}`;
      const telling = tellings.get(key) ?? tellOpenItems(portId, focAt).finally(() => tellings.delete(key));
      tellings.set(key, telling);
      await telling;
    },

    async beginUncertainty({ portId, numberKey, gainingCarrier, losingCarrier }) {
      // Before the routing: no text is uncertain that its account does not know of.
      const sides = { gaining: gainingCarrier, ...(losingCarrier && { losing: losingCarrier }) };
      await store.textLedgers.begin({ portId, numberKey, ...sides }, new Date());
      await changeRouting(numberKey, ({ routing }) =>
        routing.state === 'uncertain' && routing.portId === portId
          ? undefined
          : {
              routing: {
                state: 'uncertain',
                portId,
                gaining: gainingCarrier,
                ...(losingCarrier && { losing: losingCarrier }),
                since: new Date(),
                activated: false,
              },
              // What an earlier move has proven, also one of this port whose date was withdrawn, proves nothing for this one.
              proof: undefined,
            },
      );
    },

    async assess({ portId, numberKey, plan, gainingCarrier, moved: saidToHaveMoved, databaseNamedGaining, campaign }) {
      const number = await load(numberKey);
      const usable = plan === 'stay' ? [] : await probes.usable(number, gainingCarrier);
      const port = plan === 'stay' ? null : await store.ports.findPlan(portId);
      const campaignId = port ? checklists.campaignFor(port, number) : undefined;
      const terms: ProofTerms = {
        databaseProves: databaseProves(number.country, number.type),
        probed: usable.length > 0,
        campaign: campaignId === undefined ? 'not-needed' : 'waiting',
      };
      // What the database said once stands for this cutover; afterwards the number's record is compared with it again.
      const asked = terms.databaseProves && plan !== 'messaging-only';
      const databaseNamesGaining = databaseNamedGaining || (asked && (await databaseNames(gainingCarrier, number)));
      const moved = databaseNamesGaining || saidToHaveMoved;
      if (moved) {
        await changeRouting(numberKey, ({ routing }) =>
          routing.state === 'uncertain' && routing.portId === portId && !routing.activated
            ? { routing: { ...routing, activated: true } }
            : undefined,
        );
      }
      const attach = moved && campaign !== 'attached' && campaignId !== undefined;
      const campaignAnswer = attach ? await attachCampaign(number, gainingCarrier, campaignId) : undefined;
      const next = moved && plan !== 'stay' ? await seekProof(number, portId, usable) : {};
      const proof = number.proof?.portId === portId ? number.proof : undefined;
      return {
        terms,
        databaseNamesGaining,
        outboundProven: proof?.outboundAt !== undefined,
        inboundProven: proof?.inboundAt !== undefined,
        ...(proof?.inboundByNetwork && {
          inboundByNetwork: Object.fromEntries(
            Object.entries(proof.inboundByNetwork).map(([network, at]) => [network, at.toISOString()]),
          ),
        }),
        ...(campaignAnswer && { campaign: campaignAnswer }),
        ...next,
      };
    },

    async settleNumber({ portId, numberKey, outcome, plan, gainingCarrier, losingCarrier }) {
      const ported = outcome === 'ported';
      const carrier = ported && plan !== 'stay' ? gainingCarrier : losingCarrier;
      const unread = ported && plan !== 'stay' && !(await optOutsRead(portId, numberKey));
      const endedAt = new Date();
      await changeRouting(numberKey, ({ routing, voiceAt, history }) => {
        const uncertain = routing.state === 'uncertain' && routing.portId === portId;
        if (uncertain) {
          return {
            routing: { state: 'settled', ...(carrier && { carrier }) },
            move: undefined,
            // With the routing: its verification comes afterwards, and may say so too late.
            ...(unread && { marketingHeld: optOutsUnverified(portId) }),
            ...(ported && {
              voiceAt: plan === 'messaging-only' ? (voiceAt ?? losingCarrier ?? 'elsewhere') : undefined,
              ...(carrier &&
                plan !== 'stay' && {
                  ended: { portId, at: endedAt, ...(losingCarrier && { from: losingCarrier }), to: carrier },
                }),
            }),
          };
        }
        // Given back after it had moved: a snap-back.
        const moved =
          routing.state === 'settled' && routing.carrier === gainingCarrier && history.at(-1)?.portId === portId;
        if (!ported && moved) {
          return {
            routing: { state: 'settled', ...(losingCarrier && { carrier: losingCarrier }) },
            voiceAt: undefined,
            ...(losingCarrier && { ended: { portId, at: endedAt, from: gainingCarrier, to: losingCarrier } }),
          };
        }
        return ported && plan === 'stay' && voiceAt !== gainingCarrier ? { voiceAt: gainingCarrier } : undefined;
      });
      await store.textLedgers.end(portId, numberKey, { endedAt, outcome, countDueAt: countDueAfter(endedAt) });
      // A snap-back, or a database that falls back, shows in the first days.
      await store.numbers.checkBy(numberKey, new Date(Date.now() + firstCheckMs));
      await engine.routingChanged(numberKey);
      if (plan !== 'stay') await engine.optOutsMove(portId);
    },

    async projectCutover({ portId, numberKey, cutover, chain, firstStep, steps }) {
      await store.timeline.append(portId, chain, firstStep, attributed(steps));
      await store.ports.projectCutover(portId, numberKey, counterOf(firstStep + steps.length, steps), cutover);
    },
  };
}

/**
 * The counter of a cutover's projection (invariant 1): a number may be cut over several times in a port, one after the other, each with
 * steps that count from 0; so the time of the last step counts first, in milliseconds, and then its position, under 1000.
 */
function counterOf(position: number, steps: readonly Step[]): number {
  return Date.parse(steps.at(-1)?.at ?? '') * 1000 + Math.min(position, 999);
}
