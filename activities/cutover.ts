import type { Carrier } from '../carriers/carrier.ts';
import { isFinal } from '../domain/message.ts';
import type { Engine } from '../intake/engine.ts';
import type { Logger } from '../intake/logger.ts';
import type { NumberDocument, NumberRouting } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import { randomId } from '../store/vault.ts';
import { attributed } from './attribution.ts';
import type { CutoverActivities, Step } from './interfaces.ts';
import type { LookUps } from './look-ups.ts';

export interface CutoverDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly lookUps: LookUps;
  readonly logger: Logger;
}

/** The steps of one number's cutover. */
export function createCutoverActivities(deps: CutoverDependencies): CutoverActivities {
  const { store, engine } = deps;

  /** Changes a number's routing conditionally, as often as somebody else was first. */
  async function changeRouting(
    numberKey: string,
    next: (number: NumberDocument) => { routing: NumberRouting; proof?: undefined; move?: undefined } | undefined,
    ended?: NumberDocument['history'][number],
  ): Promise<boolean> {
    for (;;) {
      const number = await store.numbers.find(numberKey);
      if (!number) throw new Error(`Number ${numberKey} has no record; register it and try again.`);
      const change = next(number);
      if (!change) return false;
      if (await store.numbers.change(numberKey, number.version, change, ended)) return true;
    }
  }

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
      message.status === 'held'
        ? { status: 'accepted', hold: undefined, workflowId: undefined, canaryAt: new Date() }
        : undefined,
    );
    if (!released) return;
    await store.numbers.saveProof(number._id, portId, { canaryId: released._id });
    await engine.startMessages([released._id], released.kind, randomId('canary'));
  }

  return {
    async beginUncertainty({ portId, numberKey, gainingCarrier, losingCarrier }) {
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

    async assess({ portId, numberKey, gainingCarrier, voiceActive }) {
      const number = await store.numbers.find(numberKey);
      if (!number) throw new Error(`Number ${numberKey} has no record; register it and try again.`);
      const databaseNamesGaining = await databaseNames(gainingCarrier, number);
      const moved = databaseNamesGaining || voiceActive;
      if (moved) {
        await changeRouting(numberKey, ({ routing }) =>
          routing.state === 'uncertain' && routing.portId === portId && !routing.activated
            ? { routing: { ...routing, activated: true } }
            : undefined,
        );
      }
      const proof = number.proof?.portId === portId ? number.proof : undefined;
      if (moved && !proof?.outboundAt) await sendCanary(number, portId);
      return {
        databaseNamesGaining,
        outboundProven: proof?.outboundAt !== undefined,
        inboundProven: proof?.inboundAt !== undefined,
      };
    },

    async settleNumber({ portId, numberKey, outcome, carrier }) {
      await changeRouting(
        numberKey,
        ({ routing }) =>
          routing.state === 'uncertain' && routing.portId === portId
            ? { routing: { state: 'settled', ...(carrier && { carrier }) }, move: undefined }
            : undefined,
        outcome === 'ported' && carrier ? { portId, at: new Date(), to: carrier } : undefined,
      );
      await engine.routingChanged(numberKey);
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
