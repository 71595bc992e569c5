import type { Carrier } from '../carriers/carrier.ts';
import { isFinal, priorityOfKind } from '../domain/message.ts';
import { isUnsure } from '../domain/message-progress.ts';
import { parsePhoneNumber } from '../domain/phone-number.ts';
import { probePauseMs, probeText, probeValidityMs } from '../domain/probe.ts';
import type { Engine } from '../intake/engine.ts';
import type { Logger } from '../intake/logger.ts';
import type { NumberDocument, SentProbe } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import { contentHash } from '../store/vault.ts';

const probesPerWorkflow = 300;
/** A lone number's two probes go together. Milliseconds. */
const togetherMs = 20;
/** Probes of hundreds of numbers are due at the same moments, and each workflow costs: after a start they gather so long. Milliseconds. */
const gatherMs = 1000;

/** A number of ours on another network than the gaining carrier's. */
export interface ProbeNumber {
  readonly number: NumberDocument;
  readonly network: string;
}

/** Texts between a number in its cutover and numbers of ours on other networks, in both directions. */
export interface Probes {
  /** Numbers of ours that can prove this number's move: as configured, if they are settled there and the number's country is theirs. */
  usable(number: NumberDocument, gainingCarrier: string): Promise<readonly ProbeNumber[]>;
  /**
   * Sends the next probe of a direction, unless one is under way or it is too early for another.
   * @returns when the one after it is due; undefined when that depends on what becomes of this one
   */
  sendDue(
    direction: 'out' | 'in',
    number: NumberDocument,
    portId: string,
    usable: readonly ProbeNumber[],
    now: Date,
  ): Promise<Date | undefined>;
}

export function createProbes(deps: {
  readonly store: Store;
  readonly engine: Engine;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly logger: Logger;
}): Probes {
  const { store, engine, carriers, logger } = deps;
  const { vault } = store;

  function configured(
    gainingCarrier: string,
  ): { key: string; phoneNumber: string; carrier: string; network: string }[] {
    const home = carriers.get(gainingCarrier)?.settings.network ?? gainingCarrier;
    return [...carriers.values()]
      .filter(({ settings }) => settings.network !== home)
      .flatMap(({ settings: { id, network, probes } }) =>
        probes.map((phoneNumber) => ({ key: vault.numberKey(phoneNumber), phoneNumber, carrier: id, network })),
      );
  }

  const startSoon = gatheredStarts(async (ids) => {
    try {
      await engine.startMessages(ids, 'transactional', 'probe');
    } catch (error) {
      logger.warn({ err: error, probes: ids.length }, 'probes could not be started; a sweep starts them');
    }
  });

  /** One that nobody can say was taken is not waited for until its time is up: it may never arrive, and one more harms nobody. */
  async function isUnderWay(last: SentProbe): Promise<boolean> {
    const message = await store.messages.find(last.messageId);
    return message !== null && !isFinal(message.status) && !message.attempts.some(isUnsure);
  }

  return {
    async usable(number, gainingCarrier) {
      const candidates = configured(gainingCarrier).filter(
        ({ key, phoneNumber }) => key !== number._id && sameCountry(phoneNumber, number.country),
      );
      if (candidates.length === 0) return [];
      const records = await store.numbers.findMany(candidates.map(({ key }) => key));
      return candidates.flatMap(({ key, carrier, network }) => {
        const record = records.get(key);
        const there = record?.own && record.routing.state === 'settled' && record.routing.carrier === carrier;
        return there && !record.move ? [{ number: record, network }] : [];
      });
    },

    async sendDue(direction, number, portId, usable, now) {
      if (number.routing.state !== 'uncertain' || number.routing.portId !== portId) return undefined;
      const proof = number.proof?.portId === portId ? number.proof : undefined;
      const [last, otherProvenAt] =
        direction === 'out' ? [proof?.probeOut, proof?.inboundAt] : [proof?.probeIn, proof?.outboundAt];
      if (last) {
        const due = dueAfter(last, otherProvenAt);
        if (due > now) return due;
        if (await isUnderWay(last)) return undefined;
      }
      const count = (last?.count ?? 0) + 1;
      // Each network has its turn, and each number its own beginning: those of one order don't all write to one.
      const first = Number.parseInt(number._id.slice(-6), 16);
      const other = usable[(first + count - 1) % usable.length];
      if (!other) return undefined;
      // A number may be cut over more than once in a port: each time its probes are others.
      const began = String(number.routing.since.getTime());
      const id = vault.deriveId('msg', 'probe', portId, number._id, began, direction, String(count));
      const [sender, recipient] = direction === 'out' ? [number, other.number] : [other.number, number];
      await store.messages.insert([
        {
          _id: id,
          kind: 'transactional',
          priority: priorityOfKind.transactional,
          fromKey: sender._id,
          from: sender.number,
          toKey: recipient._id,
          to: recipient.number,
          text: vault.seal(probeText(id)),
          segments: 1,
          requestHash: contentHash(['probe', id]),
          acceptedAt: now,
          expiresAt: new Date(now.getTime() + probeValidityMs),
          allowDuplicate: false,
          workflowId: null,
          status: 'accepted',
          attempts: [],
          rev: 0,
          probe: { portId, direction, network: other.network },
          // By the gaining carrier and no other.
          ...(direction === 'out' && { canaryAt: now }),
        },
      ]);
      await store.numbers.saveProof(number._id, portId, {
        [direction === 'out' ? 'probeOut' : 'probeIn']: { messageId: id, at: now, count },
      });
      startSoon(id);
      return dueAfter({ at: now, count }, undefined);
    },
  };
}

/**
 * Starts what is stored already, many at a time; nobody waits for it. What is cut off here lies stored and unstarted, and the dispatcher's
 * sweep starts it.
 */
function gatheredStarts(start: (ids: readonly string[]) => Promise<void>): (id: string) => void {
  let waiting: string[] = [];
  let startedAt = Number.NEGATIVE_INFINITY;
  const startAll = () => {
    startedAt = performance.now();
    const all = waiting;
    waiting = [];
    for (let from = 0; from < all.length; from += probesPerWorkflow)
      void start(all.slice(from, from + probesPerWorkflow));
  };
  return (id) => {
    waiting.push(id);
    if (waiting.length > 1) return;
    setTimeout(startAll, Math.max(togetherMs, startedAt + gatherMs - performance.now()));
  };
}

/** @param otherProvenAt the other direction has been proven: this one has probably moved, too */
function dueAfter({ at, count }: Pick<SentProbe, 'at' | 'count'>, otherProvenAt: Date | undefined): Date {
  return otherProvenAt && otherProvenAt > at ? otherProvenAt : new Date(at.getTime() + probePauseMs(count));
}

/** Makes every configured probe one of our numbers at its carrier, unless there is a record of it: then that stands. */
export async function registerProbes(
  store: Store,
  carriers: ReadonlyMap<string, Carrier>,
  logger: Logger,
): Promise<void> {
  const now = new Date();
  for (const { settings } of carriers.values()) {
    for (const phoneNumber of settings.probes) {
      const parsed = parsePhoneNumber(phoneNumber);
      if (!parsed.ok) {
        logger.warn({ carrier: settings.id }, 'a configured probe is no valid phone number; it is not used');
        continue;
      }
      const routing = { state: 'settled', carrier: settings.id } as const;
      const key = store.vault.numberKey(phoneNumber);
      const { country, type } = parsed;
      const inserted = await store.numbers.insert({
        _id: key,
        number: store.vault.seal(phoneNumber),
        own: true,
        country,
        type,
        routing,
        version: 1,
        history: [],
        registeredAt: now,
      });
      const known = inserted ? undefined : await store.numbers.find(key);
      if (known && !known.own) await store.numbers.change(key, known.version, { own: true, country, type, routing });
    }
  }
}

/** Long codes of one country seldom reach another. */
function sameCountry(phoneNumber: string, country: string | undefined): boolean {
  const parsed = parsePhoneNumber(phoneNumber);
  return parsed.ok && parsed.country === country;
}
