import type { OrderSnapshot, PortingClient } from './carrier.ts';
import type { OrderPapers } from './order-papers.ts';

/** What the process of a port asks of its order, whether the order moves numbers or their texts alone. */
export type OrderClient = Pick<
  PortingClient,
  | 'checkPortability'
  | 'submitOrder'
  | 'readOrder'
  | 'findOrder'
  | 'supplementOrder'
  | 'rescheduleOrder'
  | 'cancelOrder'
  | 'activateOrder'
  | 'listChangedOrders'
>;

/** Whether a code that shows who owns a number went out to it. */
export interface CodeSent {
  readonly phoneNumber: string;
  readonly sent: boolean;
}

export interface CodeChecked {
  readonly phoneNumber: string;
  readonly verified: boolean;
}

/**
 * Orders for texts alone: the number stays with its voice carrier, its texts go by this one (hosted messaging). The same calls as for a
 * port, so that one process runs both; there is no date to agree and nothing to activate. Besides, what only such orders have.
 */
export interface TextHostingClient extends OrderClient {
  /** Hands papers in; with one missing the order stays a `draft`, and where it takes none any more, it is as it is. */
  handIn(carrierOrderId: string, papers: OrderPapers): Promise<OrderSnapshot>;
  /** Sends a code to each number, by text or by call, that its owner then gives back. Sent again, the earlier one is void. */
  sendCodes(carrierOrderId: string, phoneNumbers: readonly string[], by: 'sms' | 'call'): Promise<CodeSent[]>;
  checkCodes(
    carrierOrderId: string,
    codes: readonly { readonly phoneNumber: string; readonly code: string }[],
  ): Promise<CodeChecked[]>;
  /** Those of these numbers whose texts this carrier hosts now. */
  listHosted(phoneNumbers: readonly string[]): Promise<string[]>;
  /** Stops hosting the texts of these numbers; one that is not hosted is left alone. @returns those that are still hosted */
  removeTexts(phoneNumbers: readonly string[]): Promise<string[]>;
}
