import type { Carrier } from './carrier.ts';

/** How a carrier is written to about an order. */
export type WayToSupport =
  | { readonly channel: 'api' }
  | { readonly channel: 'mail'; readonly recipient: string }
  /** A person has to carry it: to the ticket address, or by phone. */
  | { readonly channel: 'by-hand' };

/**
 * The way that is sure to be read with the order: its comments; else by mail, else by hand.
 * @param about.hasOrder whether the carrier has an order of ours to comment on
 * @param about.canMail whether a mail server is configured
 * @returns undefined when nothing is known of how to reach it
 */
export function wayToSupport(
  { porting, settings: { support } }: Carrier,
  about: { readonly hasOrder: boolean; readonly canMail: boolean },
): WayToSupport | undefined {
  if (porting?.comments && about.hasOrder) return { channel: 'api' };
  if (support?.email !== undefined && about.canMail) return { channel: 'mail', recipient: support.email };
  return support && (support.email ?? support.ticketUrl ?? support.phone) !== undefined
    ? { channel: 'by-hand' }
    : undefined;
}
