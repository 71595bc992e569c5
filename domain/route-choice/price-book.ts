/** One price of a carrier's list. */
export interface PriceRow {
  /** What it is for: the first digits of a number (`1202`), or a network as MCC and MNC (`310-410`), or all networks of an MCC (`310-`). */
  readonly key: string;
  /** Per segment, in millionths of the currency. */
  readonly micros: number;
  readonly from: Date;
  /** The first moment at which it does not hold any more. */
  readonly until?: Date;
}

/** What a carrier has said of its prices at one time. */
export interface PriceList {
  readonly carrier: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly importedAt: Date;
  readonly rows: readonly PriceRow[];
  /** A later list has taken its place from then on. */
  readonly until?: Date;
}

export interface Priced {
  readonly micros: number;
  readonly currency: string;
}

interface Entry extends Priced {
  readonly from: number;
  readonly until: number;
}

export interface PriceBook {
  readonly isEmpty: boolean;
  /**
   * The price of a segment: the row of the recipient's network, else the longest prefix of its number, else that of its network's country;
   * of several for the same the one that has come into force last.
   * @param recipient.e164 with its plus
   */
  priceOf(
    carrier: string,
    recipient: { readonly e164: string; readonly mccMnc?: string | undefined },
    at: Date,
  ): Priced | undefined;
}

/** Orders price lists so that a price is found in a few steps. @param lists in any order */
export function priceBook(lists: readonly PriceList[]): PriceBook {
  const entries = new Map<string, Map<string, Entry[]>>();
  let longest = 0;
  // Later imports stand before earlier ones that come into force at the same time.
  for (const list of [...lists].sort((a, b) => b.importedAt.getTime() - a.importedAt.getTime())) {
    const ofCarrier = entries.get(list.carrier) ?? new Map<string, Entry[]>();
    entries.set(list.carrier, ofCarrier);
    const listUntil = list.until?.getTime() ?? Number.POSITIVE_INFINITY;
    for (const row of list.rows) {
      if (!row.key.includes('-')) longest = Math.max(longest, row.key.length);
      const ofKey = ofCarrier.get(row.key) ?? [];
      ofCarrier.set(row.key, ofKey);
      const until = Math.min(row.until?.getTime() ?? Number.POSITIVE_INFINITY, listUntil);
      ofKey.push({ micros: row.micros, currency: list.currency, from: row.from.getTime(), until });
    }
  }
  for (const ofCarrier of entries.values()) {
    for (const ofKey of ofCarrier.values()) ofKey.sort((a, b) => b.from - a.from);
  }

  return {
    isEmpty: entries.size === 0,
    priceOf(carrier, { e164, mccMnc }, at) {
      const ofCarrier = entries.get(carrier);
      if (!ofCarrier) return undefined;
      const moment = at.getTime();
      const valid = (key: string) => ofCarrier.get(key)?.find(({ from, until }) => from <= moment && moment < until);
      const byNetwork = mccMnc === undefined ? undefined : valid(networkKey(mccMnc));
      if (byNetwork) return byNetwork;
      for (let length = Math.min(longest, e164.length - 1); length > 0; length--) {
        const byPrefix = valid(e164.slice(1, 1 + length));
        if (byPrefix) return byPrefix;
      }
      return mccMnc === undefined ? undefined : valid(networkKey(mccMnc.slice(0, 3)));
    },
  };
}

/** As a row has it. @param mccMnc 5 or 6 digits, or the 3 of an MCC */
export function networkKey(mccMnc: string): string {
  return `${mccMnc.slice(0, 3)}-${mccMnc.slice(3)}`;
}
