import type { OrderState } from './order.ts';

/** Who says when the numbers of an order move: the carrier, at the agreed date; or a person, within the carrier's window. */
export type Activation = 'automatic' | 'on-demand';

/**
 * How the numbers of an order will move. A carrier that does not activate these numbers on demand moves them at their date, whatever was
 * asked for (Telnyx: `activation_settings.fast_port_eligible`).
 * @param asked what was agreed for the port
 */
export function activationOf({ onDemand }: Pick<OrderState, 'onDemand'>, asked: Activation = 'automatic'): Activation {
  return onDemand === false ? 'automatic' : asked;
}
