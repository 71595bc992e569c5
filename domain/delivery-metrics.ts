import { addBins, binOf, type LatencyBins } from './latency-bins.ts';
import type { FinalStatus, MessageKind } from './message.ts';

/** By what texts are told apart; any of them may be grouped by. */
export const metricDimensions = ['carrier', 'network', 'kind', 'ported'] as const;
export type MetricDimension = (typeof metricDimensions)[number];

export interface MetricKey {
  /** Our id of the carrier of the last attempt; `none`: no carrier ever got the text. */
  readonly carrier: string;
  /** The recipient's network as it was known: `spid-1234`, or `unknown`. */
  readonly network: string;
  readonly kind: MessageKind;
  /** The recipient's number was known to be ported. */
  readonly ported: boolean;
}

/** A text that has ended, as far as metrics go: nothing in it says whose it is. */
export interface EndedText extends MetricKey {
  readonly status: FinalStatus;
  readonly acceptedAt: Date;
  readonly finalAt: Date;
  /** When it was first claimed for a carrier, and last; absent when it never was. */
  readonly firstClaimedAt?: Date;
  readonly lastClaimedAt?: Date;
  readonly segments: number;
  readonly attempts: number;
  readonly cost?: { readonly amount: number; readonly currency: string };
  /** What went wrong on the way, delivered or not: our code and the carrier's own. */
  readonly codes: readonly { readonly code: string; readonly carrierCode?: string }[];
}

export interface CodeCount {
  /** Ours. */
  readonly code: string;
  /** The carrier's own, raw. */
  readonly carrierCode?: string;
  readonly count: number;
}

/** What became of texts: sums, so that buckets of any size can be put together. */
export interface MetricSums {
  readonly texts: number;
  readonly byStatus: Readonly<Partial<Record<FinalStatus, number>>>;
  /** Texts that a carrier got at least once. */
  readonly sent: number;
  readonly segments: number;
  readonly attempts: number;
  /** By currency (ISO 4217). */
  readonly cost: Readonly<Record<string, number>>;
  /** Of delivered texts, from their last submission to the receipt. */
  readonly delivery: LatencyBins;
  /** Of texts that were sent, from acceptance to the first submission. */
  readonly wait: LatencyBins;
  readonly codes: readonly CodeCount[];
}

export const noTexts: MetricSums = {
  texts: 0,
  byStatus: {},
  sent: 0,
  segments: 0,
  attempts: 0,
  cost: {},
  delivery: [],
  wait: [],
  codes: [],
};

/** Adds up sums. */
export function addSums(all: readonly MetricSums[]): MetricSums {
  const sum = (of: (sums: MetricSums) => number) => all.reduce((total, each) => total + of(each), 0);
  return {
    texts: sum((each) => each.texts),
    byStatus: addRecords(all.map((each) => each.byStatus)),
    sent: sum((each) => each.sent),
    segments: sum((each) => each.segments),
    attempts: sum((each) => each.attempts),
    cost: addRecords(all.map((each) => each.cost)),
    delivery: addBins(...all.map((each) => each.delivery)),
    wait: addBins(...all.map((each) => each.wait)),
    codes: addCodes(all.flatMap((each) => each.codes)),
  };
}

/** Adds texts one by one: nothing of them is kept. */
export class MetricTally {
  #texts = 0;
  #sent = 0;
  #segments = 0;
  #attempts = 0;
  readonly #byStatus = new Map<FinalStatus, number>();
  readonly #cost = new Map<string, number>();
  readonly #delivery = new Map<number, number>();
  readonly #wait = new Map<number, number>();
  readonly #codes = new Map<string, CodeCount>();

  add(text: EndedText): void {
    this.#texts++;
    this.#segments += text.attempts > 0 ? text.segments : 0;
    this.#attempts += text.attempts;
    count(this.#byStatus, text.status);
    if (text.cost) count(this.#cost, text.cost.currency, text.cost.amount);
    if (text.firstClaimedAt) {
      this.#sent++;
      count(this.#wait, binOf(text.firstClaimedAt.getTime() - text.acceptedAt.getTime()));
    }
    if (text.status === 'delivered' && text.lastClaimedAt) {
      count(this.#delivery, binOf(text.finalAt.getTime() - text.lastClaimedAt.getTime()));
    }
    for (const code of text.codes) {
      const key = `${code.code} ${code.carrierCode ?? ''}`;
      this.#codes.set(key, { ...code, count: (this.#codes.get(key)?.count ?? 0) + 1 });
    }
  }

  sums(): MetricSums {
    return {
      texts: this.#texts,
      byStatus: Object.fromEntries(this.#byStatus),
      sent: this.#sent,
      segments: this.#segments,
      attempts: this.#attempts,
      cost: Object.fromEntries(this.#cost),
      delivery: [...this.#delivery].sort(([a], [b]) => a - b),
      wait: [...this.#wait].sort(([a], [b]) => a - b),
      codes: [...this.#codes.values()],
    };
  }
}

/** Of the texts that a carrier got, the part that was delivered. @returns undefined when none was sent */
export function deliveryRate({ sent, byStatus }: MetricSums): number | undefined {
  return sent === 0 ? undefined : (byStatus.delivered ?? 0) / sent;
}

/** Names a group of texts; equal keys, equal names. */
export function nameOfKey({ carrier, network, kind, ported }: MetricKey): string {
  return `${carrier}/${network}/${kind}/${ported ? 'ported' : 'native'}`;
}

function addRecords<Name extends string>(
  all: readonly Readonly<Partial<Record<Name, number>>>[],
): Partial<Record<Name, number>> & Record<string, number> {
  const sums: Record<string, number> = {};
  for (const record of all) {
    for (const [name, value] of Object.entries<number | undefined>(record))
      sums[name] = (sums[name] ?? 0) + (value ?? 0);
  }
  return sums as Partial<Record<Name, number>> & Record<string, number>;
}

function addCodes(codes: readonly CodeCount[]): CodeCount[] {
  const sums = new Map<string, CodeCount>();
  for (const each of codes) {
    const key = `${each.code} ${each.carrierCode ?? ''}`;
    sums.set(key, { ...each, count: each.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()].sort((a, b) => b.count - a.count);
}

function count<Key>(counts: Map<Key, number>, key: Key, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
