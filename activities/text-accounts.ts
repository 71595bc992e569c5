import {
  emptyAccount,
  type LedgerAccount,
  type LedgerPlace,
  type LedgerSides,
  placeOf,
  withText,
} from '../domain/text-ledger.ts';
import type { MovedText } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import type { CountedTexts, InboundAccount, TextLedgerDocument } from '../store/text-ledgers.ts';

const hourMs = 3600_000;
/** No text is valid for longer (api/schemas/messages.ts), and none waits longer for its receipt than some minutes after that. */
const longestValidityMs = 72 * hourMs;
const receiptsMs = hourMs;
/** Both carriers may deliver texts to the number for so long after it has moved (reference: complaints). */
const overlapMs = 48 * hourMs;

/** When all texts of a number that was settled then are final. */
export function countDueAfter(endedAt: Date): Date {
  return new Date(endedAt.getTime() + longestValidityMs + receiptsMs);
}

/** One text in the ledger of a port. */
export interface LedgerEntry {
  readonly text: MovedText;
  readonly place: LedgerPlace;
  /** From the number that moves, or to it, by another number of ours that waited for it. */
  readonly direction: 'from' | 'to';
}

type Texts = Pick<Store, 'messages' | 'inboundTexts'>;

/** Every text of a ledger, the oldest first, those to the number last. No probes: they are no texts of a caller's. */
export async function* ledgerEntries(
  store: Pick<Texts, 'messages'>,
  ledger: TextLedgerDocument,
): AsyncIterable<LedgerEntry> {
  const sides = sidesOf(ledger);
  const { numberKey, begunAt, endedAt = new Date() } = ledger;
  const acceptedFrom = new Date(begunAt.getTime() - longestValidityMs);
  for await (const text of store.messages.movedFrom(numberKey, acceptedFrom, endedAt, begunAt)) {
    if (!text.probe) yield { text, place: placeOf(text, sides), direction: 'from' };
  }
  for await (const text of store.messages.heldFor(numberKey)) {
    const waited = text.hold && text.hold.since >= begunAt && text.hold.since <= endedAt;
    if (waited && text.fromKey !== numberKey) yield { text, place: placeOf(text, sides), direction: 'to' };
  }
}

/** Counts the texts of a ledger as they stand now, or takes the count that was kept. */
export async function countTexts(store: Texts, ledger: TextLedgerDocument): Promise<CountedTexts> {
  if (ledger.counted) return ledger.counted;
  const now = new Date();
  const sides = sidesOf(ledger);
  const accounts: Record<LedgerEntry['direction'], LedgerAccount> = { from: emptyAccount(), to: emptyAccount() };
  for await (const { text, direction } of ledgerEntries(store, ledger)) {
    accounts[direction] = withText(accounts[direction], text, sides, now);
  }
  return { outbound: accounts.from, awaitingIt: accounts.to, inbound: await countInbound(store, ledger, sides, now) };
}

/** Counts for good what is due; afterwards the account stands although its texts are forgotten. */
export async function keepDueCounts(store: Texts & Pick<Store, 'textLedgers'>, now: Date): Promise<void> {
  for (const ledger of await store.textLedgers.findDue(now, 100)) {
    await store.textLedgers.keep(ledger, await countTexts(store, ledger), now);
  }
}

async function countInbound(
  { inboundTexts }: Pick<Texts, 'inboundTexts'>,
  { numberKey, begunAt, endedAt }: TextLedgerDocument,
  { losing, gaining }: LedgerSides,
  now: Date,
): Promise<InboundAccount> {
  const count = { oldSide: 0, newSide: 0, elsewhere: 0, copies: 0 };
  const until = endedAt ? new Date(endedAt.getTime() + overlapMs) : now;
  for await (const { carrier, copyOf, probe } of inboundTexts.arrivedBetween(numberKey, begunAt, until)) {
    if (probe) continue;
    if (copyOf !== undefined) count.copies += 1;
    else if (carrier === gaining) count.newSide += 1;
    else if (carrier === losing) count.oldSide += 1;
    else count.elsewhere += 1;
  }
  return count;
}

function sidesOf({ losing, gaining }: TextLedgerDocument): LedgerSides {
  return { gaining, ...(losing !== undefined && { losing }) };
}
