import { z } from 'zod';
import type { Carrier } from '../carriers/carrier.ts';
import { counted } from '../domain/counted.ts';
import { hasOptedOut } from '../domain/opted-out.ts';
import type { Engine } from '../intake/engine.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { OptOutMoveDocument } from '../store/opt-out-moves.ts';
import type { Store } from '../store/store.ts';
import type { Sealed } from '../store/vault.ts';
import type { OptOutMoveActivities } from './interfaces.ts';
import { holdMarketing, releaseMarketing } from './marketing-hold.ts';
import { type MovingNumber, movingTexts } from './moving-texts.ts';
import { joinCarrierList, rebuildOptOuts } from './opt-out-export.ts';

const ofPerson = z.looseObject({ phoneNumber: z.string().optional() });

/** Opt-outs move with their number: exported or rebuilt before the date, joined, entered at the gaining carrier, and verified. */
export function createOptOutMoveActivities({
  store,
  engine,
  carriers,
}: {
  readonly store: Store;
  readonly engine: Engine;
  readonly carriers: ReadonlyMap<string, Carrier>;
}): OptOutMoveActivities {
  const { consents, numbers, optOutMoves, subjectKeys, vault } = store;

  /** Persons whom the carrier is to block, by the ledger. */
  async function optedOutOf(numberKey: string): Promise<string[]> {
    const bySubject = new Map<string, Sealed[]>();
    for await (const { subjectKey, evidence } of consents.revocationsOf(numberKey)) {
      bySubject.set(subjectKey, [...(bySubject.get(subjectKey) ?? []), evidence]);
    }
    await subjectKeys.loadFor([...bySubject.values()].flat());
    const standing = await consents.ofSubjects([...bySubject.keys()]);
    return [...bySubject].flatMap(([subjectKey, evidence]) => {
      if (!hasOptedOut(standing.get(subjectKey) ?? [], numberKey)) return [];
      const names = evidence.flatMap(
        (sealed) => ofPerson.parse(JSON.parse(vault.openUnlessErased(sealed) ?? '{}')).phoneNumber ?? [],
      );
      return names.slice(0, 1);
    });
  }

  /** @returns how many should be found, and how many are not */
  async function verify(
    move: OptOutMoveDocument,
    number: MovingNumber,
  ): Promise<{ expected: number; missing: number }> {
    const gaining = carriers.get(move.gaining);
    // What came to the gaining carrier meanwhile.
    await joinCarrierList(number, gaining, store);
    let inLedger = 0;
    for await (const event of consents.revocationsOf(number.numberKey)) {
      if (event.source === 'carrier-list' && event.portId === move.portId) inLedger++;
    }
    if (!gaining?.optOuts?.add) {
      // The carrier takes none: our ledger refuses by itself, and has to hold all that the losing carrier listed.
      return { expected: move.listed, missing: Math.max(0, move.listed - inLedger) };
    }
    const expected = await optedOutOf(number.numberKey);
    await gaining.optOuts.add(number.phoneNumber, expected);
    const there = new Set<string>();
    for await (const { recipient } of gaining.optOuts.list(number.phoneNumber)) there.add(recipient);
    const missing = expected.filter((recipient) => !there.has(recipient)).length;
    return { expected: expected.length, missing: missing + Math.max(0, move.listed - inLedger) };
  }

  async function tell(portId: string, type: string, series: string, detail: string): Promise<void> {
    const step = { at: new Date().toISOString(), actor: 'portsms', type, detail } as const;
    await store.timeline.append(portId, series, 0, [step]);
  }

  /** @returns whether something is left to do for the number */
  async function takeOver(
    number: MovingNumber,
    { gaining, losing }: { readonly gaining: string; readonly losing?: string },
    record: NumberDocument | undefined,
    known: OptOutMoveDocument | undefined,
  ): Promise<boolean> {
    const { portId, numberKey } = number;
    if (known?.state === 'verified' || known?.state === 'returned') return false;
    if (record?.routing.state === 'uncertain') return true;
    const arrived = record?.routing.state === 'settled' && record.routing.carrier === gaining;
    const move: OptOutMoveDocument = known ?? {
      _id: `${portId}/${numberKey}`,
      portId,
      numberKey,
      gaining,
      ...(losing !== undefined && { losing }),
      state: 'mismatch',
      from: 'nowhere',
      listed: 0,
      exportedAt: new Date(),
    };
    if (!known) await optOutMoves.save(move);
    if (!arrived) {
      // Its turn is still ahead (its last one may have been undone with its date), or it has gone back.
      if (number.open || record?.move?.portId === portId) return true;
      await optOutMoves.change(move._id, { state: 'returned', checkedAt: new Date() });
      await releaseMarketing(numberKey, { store, engine });
      return false;
    }
    const { expected, missing } = await verify(move, number);
    const found = missing === 0 && move.from !== 'nowhere';
    await optOutMoves.change(move._id, {
      state: found ? 'verified' : 'mismatch',
      expected,
      missing,
      checkedAt: new Date(),
    });
    if (found) await releaseMarketing(numberKey, { store, engine });
    else await holdMarketing(numberKey, portId, { store, engine });
    return !found;
  }

  return {
    async exportOptOuts({ portId }) {
      const { losing, gaining, numbers: all } = await movingTexts(portId, store);
      for (const number of all) {
        const known = await optOutMoves.find(portId, number.numberKey);
        if (known && known.state !== 'returned' && known.from !== 'nowhere') continue;
        const listed = await joinCarrierList(number, losing === undefined ? undefined : carriers.get(losing), store);
        await rebuildOptOuts(number, store);
        // Where nobody carries the texts afterwards they are in the ledger for whoever comes next, and nothing is to be entered.
        if (gaining === undefined) continue;
        await optOutMoves.save({
          _id: `${portId}/${number.numberKey}`,
          portId,
          numberKey: number.numberKey,
          ...(losing !== undefined && { losing }),
          gaining,
          state: 'exported',
          from: listed === undefined ? 'rebuilt' : 'list',
          listed: listed ?? 0,
          exportedAt: new Date(),
        });
      }
      if (all.length > 0) {
        await tell(
          portId,
          'opt-outs.exported',
          'opt-outs/exported',
          `The opt-outs of ${counted(all.length, 'number')} are in the ledger.`,
        );
      }
    },

    async takeOverOptOuts({ portId }) {
      const { losing, gaining, numbers: all } = await movingTexts(portId, store);
      if (gaining === undefined) return { left: 0 };
      const sides = { gaining, ...(losing !== undefined && { losing }) };
      // Each number of a port that arrives brings a look at all of them: what needs none costs no further query.
      const [records, exported] = await Promise.all([
        numbers.findMany(all.map(({ numberKey }) => numberKey)),
        optOutMoves.ofPort(portId),
      ]);
      const known = new Map(exported.map((move) => [move.numberKey, move]));
      let left = 0;
      for (const number of all) {
        const { numberKey } = number;
        if (await takeOver(number, sides, records.get(numberKey), known.get(numberKey))) left++;
      }
      const moves = await optOutMoves.ofPort(portId);
      const wrong = moves.filter(({ state }) => state === 'mismatch').length;
      if (wrong > 0) {
        const detail = `Not all opt-outs of ${counted(wrong, 'number')} were found at ${gaining}: marketing waits there.`;
        await tell(portId, 'opt-outs.mismatch', 'opt-outs/mismatch', detail);
      } else if (left === 0 && moves.some(({ state }) => state === 'verified')) {
        await tell(portId, 'opt-outs.verified', 'opt-outs/verified', 'The opt-outs have moved with their numbers.');
      }
      return { left };
    },
  };
}
