import { luck, type Market, type MarketText, textsOf } from './market.ts';
import type { Strategy } from './strategy.ts';

/** What a strategy came to in a market. */
export interface Score {
  readonly strategy: string;
  /** Share of texts that were delivered, 0 to 1. */
  readonly delivered: number;
  /** Millionths per text. */
  readonly price: number;
  /** Seconds from the fall of routes until the texts to that network went by others; of markets with a fall. */
  readonly recoveredAfter?: number;
}

/** Receipts that never come, whatever became of the text. */
const unreported = 0.03;
const usualReceiptMs = 3000;
/** Texts are looked at so many seconds at a time; a route has been left when this share of them at most goes by it, to see how it is. */
const windowSeconds = 30;
const stillTried = 0.1;

/** Sends all texts of a market by a strategy. */
export function play(market: Market, strategy: Strategy, seed: number): Score {
  const carriers = new Map(market.carriers.map((carrier) => [carrier.id, carrier]));
  let texts = 0;
  let delivered = 0;
  let price = 0;
  const lag = new Lag(market);
  for (const text of textsOf(market, seed)) {
    const carrier = carriers.get(strategy.choose(text));
    if (!carrier) throw new Error(`${strategy.name} has chosen a carrier that there is not.`);
    const arrived = luck(seed, `${text.id}/${carrier.id}`) < carrier.quality(text.network, text.second);
    texts++;
    price += carrier.price;
    if (arrived) delivered++;
    lag.see(text, carrier.id);
    const reported = luck(seed, `${text.id}/receipt`) >= unreported;
    const latencyMs = -Math.log(1 - luck(seed, `${text.id}/latency`)) * usualReceiptMs;
    strategy.hear?.(text, carrier.id, reported ? arrived : undefined, latencyMs);
  }
  const after = lag.seconds();
  return {
    strategy: strategy.name,
    delivered: delivered / texts,
    price: price / texts,
    ...(after !== undefined && { recoveredAfter: after }),
  };
}

/** How long a strategy goes on by routes that have gone bad. */
class Lag {
  readonly #market: Market;
  readonly #windows = new Map<number, { bad: number; texts: number }>();

  constructor(market: Market) {
    this.#market = market;
  }

  see({ network, second }: MarketText, carrier: string): void {
    const { fall } = this.#market;
    if (!fall || network !== fall.network || second < fall.second) return;
    const number = Math.floor((second - fall.second) / windowSeconds);
    const window = this.#windows.get(number) ?? { bad: 0, texts: 0 };
    if (fall.carriers.includes(carrier)) window.bad++;
    window.texts++;
    this.#windows.set(number, window);
  }

  /** Undefined where nothing fell; infinite when it never recovered. */
  seconds(): number | undefined {
    if (!this.#market.fall) return undefined;
    for (const [number, { bad, texts }] of this.#windows) if (bad <= texts * stillTried) return number * windowSeconds;
    return Number.POSITIVE_INFINITY;
  }
}
