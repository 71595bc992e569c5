import { openingOf } from './lifecycle/window-key.ts';
import { type FinalStatus, isFinal, type MessageStatus } from './message.ts';
import { type Attempt, isUnsure } from './message-progress.ts';

/**
 * Where a text went while its sender's number moved; each text has one place. `old-side`, `new-side`: the losing or the gaining carrier
 * took it; `standby`: another number of ours sent it; `elsewhere`: a third carrier took it; `held`: it waits, or waited until its time was
 * over; `refused`: nobody took it, with a reason that its status shows; `unknown`: nobody knows whether a carrier took it; `under-way`:
 * it is on its way to a carrier.
 */
export const ledgerPlaces = [
  'old-side',
  'new-side',
  'standby',
  'elsewhere',
  'held',
  'refused',
  'unknown',
  'under-way',
] as const;
export type LedgerPlace = (typeof ledgerPlaces)[number];

/** What the ledger reads of a text: nothing that is personal. */
export interface LedgerText {
  readonly status: MessageStatus;
  readonly attempts: readonly Pick<Attempt, 'carrier' | 'answeredAt' | 'parts'>[];
  readonly route?: { readonly viaStandby: boolean };
  readonly hold?: { readonly key: string; readonly since: Date; readonly releasedAt?: Date } | null;
  readonly finalAt?: Date;
}

/** The two sides of a move; a losing carrier that is none of ours takes nothing. */
export interface LedgerSides {
  readonly losing?: string;
  readonly gaining?: string;
}

/** Texts of one place by what has become of them; `open`: not final yet. */
export type PlaceAccount = { readonly [outcome in FinalStatus | 'open' | 'total']: number };

export interface LedgerAccount {
  readonly texts: number;
  readonly places: Readonly<Record<LedgerPlace, PlaceAccount>>;
  /** Texts that were held, and for how long altogether and at most, in milliseconds. */
  readonly waited: { readonly texts: number; readonly ms: number; readonly longestMs: number };
  /** Texts that ended without being delivered, though no rule refused them. */
  readonly lost: number;
}

const nothing: PlaceAccount = { total: 0, open: 0, delivered: 0, failed: 0, refused: 0, expired: 0, unknown: 0 };

/** @returns the account of no texts */
export function emptyAccount(): LedgerAccount {
  const places = Object.fromEntries(ledgerPlaces.map((place) => [place, nothing])) as LedgerAccount['places'];
  return { texts: 0, places, waited: { texts: 0, ms: 0, longestMs: 0 }, lost: 0 };
}

/** The one place of a text. What a carrier took, by its answer or a receipt, counts before what others said before or afterwards. */
export function placeOf(text: LedgerText, { losing, gaining }: LedgerSides): LedgerPlace {
  const last = text.attempts.length - 1;
  const taken = text.attempts.findLastIndex(({ parts }) => parts?.some(({ outcome }) => outcome === 'accepted'));
  if (taken >= 0) {
    const carrier = text.attempts[taken]?.carrier;
    if (taken === last && text.route?.viaStandby) return 'standby';
    return carrier === gaining ? 'new-side' : carrier === losing ? 'old-side' : 'elsewhere';
  }
  if (text.attempts.some(isUnsure) || text.status === 'unknown') return 'unknown';
  if (text.status === 'held') return 'held';
  if (!isFinal(text.status)) return 'under-way';
  return text.status === 'expired' && text.hold ? 'held' : 'refused';
}

/** Whether a text ended without being delivered, though no rule refused it. */
export function isLost({ status }: Pick<LedgerText, 'status'>): boolean {
  return isFinal(status) && status !== 'delivered' && status !== 'refused';
}

/** Adds one text to an account. @param now for those that are held still */
export function withText(account: LedgerAccount, text: LedgerText, sides: LedgerSides, now: Date): LedgerAccount {
  const place = placeOf(text, sides);
  const outcome = isFinal(text.status) ? text.status : 'open';
  const counted = account.places[place];
  // Quiet hours are not the move's doing.
  const ms = text.hold && openingOf(text.hold.key) === undefined ? waitedMs(text.hold, text.finalAt ?? now) : undefined;
  const { waited } = account;
  return {
    texts: account.texts + 1,
    places: {
      ...account.places,
      [place]: { ...counted, total: counted.total + 1, [outcome]: counted[outcome] + 1 },
    },
    waited:
      ms === undefined
        ? waited
        : { texts: waited.texts + 1, ms: waited.ms + ms, longestMs: Math.max(waited.longestMs, ms) },
    lost: account.lost + (isLost(text) ? 1 : 0),
  };
}

/** The account of several numbers together. */
export function sumOf(accounts: readonly LedgerAccount[]): LedgerAccount {
  return accounts.reduce(
    (sum, each) => ({
      texts: sum.texts + each.texts,
      places: Object.fromEntries(
        ledgerPlaces.map((place) => [place, added(sum.places[place], each.places[place])]),
      ) as LedgerAccount['places'],
      waited: {
        texts: sum.waited.texts + each.waited.texts,
        ms: sum.waited.ms + each.waited.ms,
        longestMs: Math.max(sum.waited.longestMs, each.waited.longestMs),
      },
      lost: sum.lost + each.lost,
    }),
    emptyAccount(),
  );
}

function added(a: PlaceAccount, b: PlaceAccount): PlaceAccount {
  return Object.fromEntries(
    Object.entries(a).map(([outcome, count]) => [outcome, count + b[outcome as keyof PlaceAccount]]),
  ) as PlaceAccount;
}

function waitedMs({ since, releasedAt }: NonNullable<LedgerText['hold']>, until: Date): number {
  return Math.max(0, (releasedAt ?? until).getTime() - since.getTime());
}
