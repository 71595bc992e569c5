import type { Carrier, Possession } from '../carriers/carrier.ts';
import { databaseProves } from '../domain/database-proof.ts';
import { nextCheckMs } from '../domain/routing-check.ts';
import { driftOf } from '../domain/routing-drift.ts';
import type { Logger } from '../intake/logger.ts';
import type { Drift, NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import { tellDrift, tellDriftEnd } from './drift-news.ts';
import type { RoutingSyncActivities } from './interfaces.ts';
import type { LookUps } from './look-ups.ts';
import { keepDueCounts } from './text-accounts.ts';

/** Own numbers in one chunk, and look-ups at a time: a database is asked steadily, not in a burst. */
const chunk = 100;
const atATime = 10;
/** Foreign numbers that are looked up anew beside each chunk, and from which age on. */
const foreignChunk = 20;
const staleAfterMs = 30 * 24 * 3600_000;
/** The carrier that a number has left counts as the one it snapped back to for so long. */
const snapBackWithinMs = 7 * 24 * 3600_000;

export function createRoutingSyncActivities(deps: {
  readonly store: Store;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly lookUps: LookUps;
  readonly logger: Logger;
}): RoutingSyncActivities {
  const { store, carriers, lookUps, logger } = deps;
  const { vault } = store;

  const spidsOf = (carrier: string | undefined) => (carrier && carriers.get(carrier)?.settings.spids) || [];

  /** Who has the number by its record: the database names who has its calls. */
  function holderOf(number: NumberDocument): string | undefined {
    if (number.voiceAt !== undefined) return number.voiceAt === 'elsewhere' ? undefined : number.voiceAt;
    return number.routing.state === 'settled' ? number.routing.carrier : undefined;
  }

  async function spidOf(number: NumberDocument): Promise<string | undefined> {
    try {
      return (await lookUps.lookUp(vault.open(number.number)))?.spid;
    } catch (error) {
      logger.warn({ err: error, numberKey: number._id }, 'a look-up failed; the number is looked up again later');
      return undefined;
    }
  }

  /** What the carriers say of these numbers, as far as they can be asked. */
  async function possessions(numbers: readonly NumberDocument[]): Promise<Map<string, Possession>> {
    const byCarrier = new Map<string, NumberDocument[]>();
    for (const number of numbers) {
      const holder = holderOf(number);
      if (holder && carriers.get(holder)?.inventory) byCarrier.set(holder, [...(byCarrier.get(holder) ?? []), number]);
    }
    const found = new Map<string, Possession>();
    for (const [carrier, theirs] of byCarrier) {
      try {
        const said = await carriers
          .get(carrier)
          ?.inventory?.possession(theirs.map((number) => vault.open(number.number)));
        for (const [phoneNumber, possession] of said ?? []) found.set(vault.numberKey(phoneNumber), possession);
      } catch (error) {
        logger.warn({ err: error, carrier }, 'a carrier could not be asked for its numbers; it is asked again later');
      }
    }
    return found;
  }

  function driftIn(number: NumberDocument, spid: string | undefined, possession: Possession | undefined, now: Date) {
    const last = number.history.at(-1);
    const before = number.history.at(-2);
    // A way back that we have noted ourselves is not another one.
    const lately = last && now.getTime() - last.at.getTime() < snapBackWithinMs && before?.portId !== last.portId;
    return driftOf({
      spids: spidsOf(holderOf(number)),
      formerSpids: lately ? spidsOf(last.from) : [],
      databaseProves: databaseProves(number.country, number.type),
      ...(spid !== undefined && { spid }),
      ...(possession && { possession }),
    });
  }

  async function check(
    number: NumberDocument,
    possession: Possession | undefined,
    inPort: boolean,
    now: Date,
  ): Promise<boolean> {
    const again = { at: now, movedAt: number.history.at(-1)?.at };
    const known = number.drift;
    // While it is ported its own workflow looks, densely, and the world may be ahead of the record, also where its texts stay;
    // what is gone or with none of our carriers has nothing to compare.
    if (inPort || holderOf(number) === undefined || number.routing.state !== 'settled') {
      const dueAt = new Date(now.getTime() + nextCheckMs(now, undefined, undefined));
      if (known) await tellDriftEnd(store.timeline, number, known);
      await store.numbers.saveCheck(number._id, { at: now, dueAt, drift: undefined });
      return false;
    }
    const seen = driftIn(number, await spidOf(number), possession, now);
    const drift: Drift | undefined = seen && {
      ...seen,
      seenAt: known?.kind === seen.kind ? known.seenAt : now,
    };
    const dueAt = new Date(now.getTime() + nextCheckMs(now, again.movedAt, drift?.kind));
    // Before the record forgets it: whoever is cut off between the two says it again.
    if (known && known.kind !== drift?.kind) await tellDriftEnd(store.timeline, number, known);
    await store.numbers.saveCheck(number._id, { at: now, dueAt, drift });
    // Said at every look, stored once: whoever was cut off before saying it is made up for.
    if (drift) await tellDrift(store.timeline, number, drift);
    return drift !== undefined;
  }

  return {
    async syncRouting() {
      const now = new Date();
      const due = await store.numbers.findDueForCheck(now, chunk);
      const openPorts = await store.numberClaims.openPorts(due.map((number) => number._id));
      const possession = await possessions(due);
      let drifting = 0;
      for (let from = 0; from < due.length; from += atATime) {
        const results = await Promise.all(
          due
            .slice(from, from + atATime)
            .map((number) => check(number, possession.get(number._id), openPorts.has(number._id), now)),
        );
        drifting += results.filter(Boolean).length;
      }
      const stale = await store.numbers.findStaleLookUps(new Date(now.getTime() - staleAfterMs), foreignChunk);
      await lookUps.refresh(stale.map((number) => number.number));
      await keepDueCounts(store, now);
      return { checked: due.length, drifting, more: due.length === chunk };
    },
  };
}
