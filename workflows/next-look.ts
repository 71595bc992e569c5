import type { OrderState } from '../domain/lifecycle/order.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/**
 * How long until the order is read without news, in milliseconds: densely once the numbers should move, then ever more rarely; undefined
 * while nothing is expected. A lost webhook is made good by the carrier's schedule, too, and every deadline has the order read.
 */
export function msUntilNextLook({ status, focAt, since, ported }: OrderState): number | undefined {
  if (ported || (status !== 'foc-confirmed' && status !== 'activating')) return undefined;
  const from = Date.parse(status === 'foc-confirmed' ? (focAt ?? since) : since);
  const late = Date.now() - from;
  // The deadline «the agreed date» has the order read at the date itself.
  if (late < 0) return undefined;
  return Math.min(day, Math.max(minute, late / 2));
}
