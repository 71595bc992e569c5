import { ApplicationFailure } from '@temporalio/common';
import type { Carrier, PortOutClient, PortOutSnapshot } from '../carriers/carrier.ts';
import { CarrierRefused } from '../carriers/errors.ts';
import reasonFacts from '../domain/facts/port-out-reasons.json' with { type: 'json' };
import { decidePortOut, explainFinding, type PortOutReason } from '../domain/port-out-check.ts';
import { portOutClocks } from '../domain/port-out-clocks.ts';
import type { Engine } from '../intake/engine.ts';
import type { Logger } from '../intake/logger.ts';
import type { PortOutDocument } from '../store/port-outs.ts';
import type { Store } from '../store/store.ts';
import { attributed } from './attribution.ts';
import type { PortOutActivities, PortOutReading, PortOutReference } from './interfaces.ts';
import { createPortOutFacts } from './port-out-facts.ts';
import { followNumbers } from './port-out-numbers.ts';

export interface PortOutDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly logger: Logger;
  /** PORTSMS_PORT_OUT_UNDECIDED */
  readonly undecided: 'reject' | 'authorize';
}

/** The steps of a port-out at the store and at the carrier that is asked for the numbers. All but the announcement are safe to repeat. */
export function createPortOutActivities(deps: PortOutDependencies): PortOutActivities {
  const { store } = deps;
  const factsOf = createPortOutFacts(store);

  function clientOf({ carrier }: PortOutReference): { client: PortOutClient; adapter: string } {
    const asked = deps.carriers.get(carrier);
    if (!asked?.portOuts) {
      throw ApplicationFailure.retryable(
        `Carrier «${carrier}» has no port-outs in this worker; check PORTSMS_CARRIERS.`,
        'carrier-cannot-port-out',
      );
    }
    return { client: asked.portOuts, adapter: asked.settings.adapter };
  }

  async function stored({ portOutId }: PortOutReference): Promise<PortOutDocument> {
    const found = await store.portOuts.find(portOutId);
    if (!found) throw ApplicationFailure.nonRetryable(`Port-out ${portOutId} is not in the store.`, 'unknown-port-out');
    return found;
  }

  function asReading(snapshot: PortOutSnapshot, reference: PortOutReference): PortOutReading {
    const { client, adapter } = clientOf(reference);
    return {
      state: snapshot.state,
      carrierState: snapshot.carrierState,
      ...(snapshot.focAt && { focAt: snapshot.focAt }),
      clocks: portOutClocks(adapter, new Date(snapshot.requestedAt), client.answerHours),
      numbers: snapshot.phoneNumbers.length,
    };
  }

  function asDocument(snapshot: PortOutSnapshot, reference: PortOutReference): PortOutDocument {
    const { vault } = store;
    const { answerDueAt, decideBy } = asReading(snapshot, reference).clocks;
    const now = new Date();
    const { subscriberName, gaining, orderNumber, supportKey, requestedAt, requestedFocAt, focAt, textsStay } =
      snapshot;
    return {
      _id: reference.portOutId,
      carrier: reference.carrier,
      carrierPortOutId: reference.carrierPortOutId,
      createdAt: now,
      updatedAt: now,
      counter: 0,
      numbers: snapshot.phoneNumbers.map((number) => ({
        numberKey: vault.numberKey(number),
        number: vault.seal(number),
      })),
      ...(subscriberName && { subscriberName: vault.seal(subscriberName) }),
      gaining,
      ...(orderNumber && { orderNumber }),
      ...(supportKey && { supportKey }),
      requestedAt,
      ...(requestedFocAt && { requestedFocAt }),
      textsStay,
      findings: [],
      rejections: [],
      wrongFor: [],
      status: 'checking',
      since: now.toISOString(),
      answerDueAt,
      decideBy,
      carrierState: snapshot.carrierState,
      ...(focAt && { focAt }),
      approvedWithoutUs: false,
      problems: [],
    };
  }

  /** What the carrier is told: a person's own words for this code, else what was found. */
  function wordsFor(portOut: PortOutDocument, code: string, byPerson: boolean): string {
    if (byPerson && portOut.note?.code === code) return store.vault.open(portOut.note.words);
    const found = portOut.findings.flatMap((finding) => {
      const { weight, reason } = explainFinding(finding.code);
      return weight === 'reject' && reason ? [reason] : [];
    });
    const said = portOut.rejections.find((rejection) => rejection.code === code)?.reason;
    const usual: PortOutReason = byPerson ? (said ?? 'other') : 'unconfirmed';
    const reasons = !byPerson && found.length > 0 ? [...new Set(found)] : [usual];
    return reasons.map((reason) => reasonFacts.reasons[reason]).join(' ');
  }

  return {
    readPortOut: (reference) =>
      orRefusal(async () => {
        const snapshot = await clientOf(reference).client.readPortOut(reference.carrierPortOutId);
        await store.portOuts.insert(asDocument(snapshot, reference));
        return asReading(snapshot, reference);
      }),

    async checkPortOut(reference) {
      const { client } = clientOf(reference);
      const { carrierPortOutId, portOutId } = reference;
      const snapshot = await client.readPortOut(carrierPortOutId);
      const rejections = await client.listRejections(carrierPortOutId).catch((error: unknown) => {
        if (!(error instanceof CarrierRefused)) throw error;
        deps.logger.warn({ err: error, portOutId }, 'the carrier lists no rejection codes; a person has to decide');
        return [];
      });
      const { facts, numberKeys } = await factsOf(reference, snapshot, client.tells);
      const { findings, proposal } = decidePortOut({ ...facts, eligible: rejections, undecided: deps.undecided });
      await store.portOuts.saveCheck(portOutId, {
        findings: findings.map(({ code, number }) => {
          const numberKey = number === undefined ? undefined : numberKeys[number];
          return { code, ...(numberKey && { numberKey }) };
        }),
        rejections,
        wrongFor: numberKeys.filter((_, index) => {
          const number = facts.numbers[index];
          return number?.pin === 'mismatch' || number?.accountNumber === 'mismatch';
        }),
      });
      return {
        findings: [...new Set(findings.map(({ code }) => code))],
        eligible: rejections.map(({ code }) => code),
        proposal,
      };
    },

    answerPortOut: ({ answer, by, ...reference }) =>
      orRefusal(async () => {
        const { client } = clientOf(reference);
        const current = await client.readPortOut(reference.carrierPortOutId);
        // Answered already: by us before we were cut off, by somebody in the carrier's portal, or by our silence.
        if (current.state !== 'pending' && current.state !== 'unknown') return asReading(current, reference);
        const snapshot =
          answer.decision === 'authorize'
            ? await client.authorizePortOut(reference.carrierPortOutId)
            : await client.rejectPortOut(
                reference.carrierPortOutId,
                answer.code,
                wordsFor(await stored(reference), answer.code, by === 'caller'),
              );
        return asReading(snapshot, reference);
      }),

    async announceReview(reference) {
      const { client } = clientOf(reference);
      if (!client.commentPortOut) return false;
      await client.commentPortOut(reference.carrierPortOutId, reasonFacts.review);
      return true;
    },

    async followNumbers({ stage, focAt, ...reference }) {
      return followNumbers(deps, await stored(reference), stage, focAt ? new Date(focAt) : undefined);
    },

    async projectPortOut({ portOutId, counter, state, waiting, firstStep, steps }) {
      const carrier = (await store.portOuts.find(portOutId))?.carrier;
      await store.timeline.append(portOutId, 'port-out', firstStep, attributed(steps, { carrier }));
      await store.portOuts.project(portOutId, counter, {
        status: state.status,
        since: state.since,
        answerDueAt: state.clocks.answerDueAt,
        decideBy: state.clocks.decideBy,
        carrierState: state.carrierState,
        focAt: state.focAt,
        answer: state.answer,
        fallback: state.fallback,
        approvedWithoutUs: state.approvedWithoutUs,
        problems: state.problems,
        waiting,
      });
    },
  };
}

/** The carrier's definite no becomes a failure that is not retried, with its code and without its words (invariant 9). */
async function orRefusal<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof CarrierRefused)) throw error;
    throw ApplicationFailure.nonRetryable('The carrier refused; see its code.', 'carrier-refused', error.code);
  }
}
