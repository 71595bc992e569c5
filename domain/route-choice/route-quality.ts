import type { MessageKind } from '../message.ts';
import type { Destination } from './destination.ts';
import { type DatedEvidence, expectedDelivery } from './evidence.ts';
import type { Latencies } from './latency.ts';
import type { RoutingParameters } from './parameters.ts';

/** Texts of one kind, or of all kinds together. */
export type QualityCell = MessageKind | 'all';

/** What is known of one carrier's texts to one network, or to one country, which is all its networks together. */
export interface RouteQuality {
  readonly carrier: string;
  /** As `Destination.network` has it, or a country. */
  readonly network: string;
  readonly cells: Readonly<Partial<Record<QualityCell, DatedEvidence>>>;
  /** Of a country only: how long receipts take, since `at`, and how long one is waited for. */
  readonly latencies?: Latencies;
  readonly receiptTimeoutMs?: number;
  readonly at: Date;
}

/** Identity of a route: what a carrier is to a network. */
export function routeKey(carrier: string, network: string): string {
  return `${carrier}/${network}`;
}

/**
 * How likely a carrier delivers a text of this kind there: the carrier in that country, on that network, for that kind of text, each
 * level in the light of the one before it.
 * @param qualityOf by `routeKey`
 */
export function deliveryBy(
  carrier: string,
  { country, network }: Destination,
  kind: MessageKind,
  qualityOf: (key: string) => RouteQuality | undefined,
  now: Date,
  parameters: RoutingParameters,
): { readonly delivery: number; readonly weight: number } {
  const there = qualityOf(routeKey(carrier, network))?.cells;
  const levels = [there?.all, there?.[kind]];
  if (network !== country) levels.unshift(qualityOf(routeKey(carrier, country))?.cells.all);
  return expectedDelivery(levels, now, parameters);
}
