import type { MessageKind } from '../../domain/message.ts';

/** A carrier of a simulated market: what it charges, and how well it delivers where and when. */
export interface MarketCarrier {
  readonly id: string;
  /** Millionths per segment. */
  readonly price: number;
  /** Share of texts that it delivers to a network at a moment, 0 to 1. */
  quality(network: string, second: number): number;
}

export interface Market {
  readonly name: string;
  readonly carriers: readonly MarketCarrier[];
  readonly networks: readonly string[];
  readonly seconds: number;
  readonly textsPerSecond: number;
  /** When routes go bad, which, and on which network, where that is what the market shows. */
  readonly fall?: { readonly second: number; readonly network: string; readonly carriers: readonly string[] };
}

export interface MarketText {
  readonly id: string;
  readonly kind: MessageKind;
  readonly network: string;
  readonly second: number;
}

/** Numbers in [0, 1) that are the same for the same seed and identity: all strategies meet the same luck. FNV-1a, mixed as in MurmurHash3. */
export function luck(seed: number, identity: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < identity.length; i++) hash = Math.imul(hash ^ identity.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

const hour = 3600;
const networks = ['US/310-260', 'US/310-410', 'US/311-480', 'GB/234-15'];
/** What is paid for is mostly, but not everywhere, better. */
const sellers = [
  { id: 'budget', price: 3000, from: 0.86, to: 0.96 },
  { id: 'standard', price: 4500, from: 0.93, to: 0.975 },
  { id: 'solid', price: 6000, from: 0.955, to: 0.985 },
  { id: 'premium', price: 9000, from: 0.975, to: 0.99 },
];
/** A fifth are one-time passwords, half transactional, the rest marketing. */
const kinds: readonly [MessageKind, number][] = [
  ['otp', 0.2],
  ['transactional', 0.7],
  ['marketing', 1],
];

/** Quality of a route that drifts by some points within hours. */
function drifting(seed: number, id: string, from: number, to: number, amplitude: number) {
  return (network: string, second: number) => {
    const base = from + (to - from) * luck(seed, `${id}/${network}`);
    const phase = luck(seed, `${id}/${network}/phase`) * 2 * Math.PI;
    return Math.min(0.995, base + amplitude * Math.sin((2 * Math.PI * second) / (3 * hour) + phase));
  };
}

/** Markets that differ in what happens to quality; prices stay. */
export function markets(seed: number): Market[] {
  const all = { networks, seconds: 6 * hour, textsPerSecond: 5 };
  const carriers = (amplitude: number) =>
    sellers.map(({ id, price, from, to }) => ({ id, price, quality: drifting(seed, id, from, to, amplitude) }));
  const calm = carriers(0);
  const restless = carriers(0.02).map((carrier): MarketCarrier => {
    // Each carrier has a bad hour, on one network or on all.
    const begins = hour * (1 + 4 * luck(seed, `${carrier.id}/bad`));
    const lasts = hour * (0.5 + 0.5 * luck(seed, `${carrier.id}/lasts`));
    const where = networks[Math.floor(luck(seed, `${carrier.id}/where`) * 2 * networks.length)];
    const left = 0.3 + 0.4 * luck(seed, `${carrier.id}/left`);
    return {
      ...carrier,
      quality(network, second) {
        const isBad = second >= begins && second < begins + lasts && (where === undefined || where === network);
        return carrier.quality(network, second) * (isBad ? left : 1);
      },
    };
  });
  // All but the dearest, so that whatever was chosen there has gone bad.
  const carriersThatFall = sellers.map(({ id }) => id).filter((id) => id !== 'premium');
  const fall = { second: 2 * hour, network: networks[seed % networks.length] ?? '', carriers: carriersThatFall };
  const fallen = calm.map((carrier): MarketCarrier => {
    if (!fall.carriers.includes(carrier.id)) return carrier;
    return {
      ...carrier,
      quality: (network, second) =>
        carrier.quality(network, second) * (network === fall.network && second >= fall.second ? 0.5 : 1),
    };
  });
  return [
    { name: 'drift', carriers: restless, ...all },
    { name: 'steady', carriers: calm, ...all },
    { name: 'fall', carriers: fallen, ...all, seconds: 4 * hour, fall },
  ];
}

/** The texts of a market, in the order in which they are sent. */
export function* textsOf(market: Market, seed: number): Generator<MarketText> {
  for (let index = 0; index < market.seconds * market.textsPerSecond; index++) {
    const id = `text ${index}`;
    const share = luck(seed, `${id}/kind`);
    const [kind] = kinds.find(([, upTo]) => share < upTo) ?? ['marketing'];
    const network = market.networks[Math.floor(luck(seed, `${id}/network`) * market.networks.length)] ?? '';
    yield { id, kind, network, second: index / market.textsPerSecond };
  }
}
