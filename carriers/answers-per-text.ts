import type { Carrier } from './carrier.ts';

/** How many answers and receipts a text gets at a carrier: one for each of its segments there, or one for all. */
export function answersPerText(carrier: Carrier, text: string): number {
  return carrier.settings.partIds === 'one' ? 1 : carrier.messaging.segments(text);
}
