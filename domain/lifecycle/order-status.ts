/** The states of a port order, in the words of the trade; an order ends `completed`, `cancelled` or `failed`. */
export const orderStatuses = [
  'draft',
  'checking',
  'action-required',
  'submitted',
  'exception',
  'foc-confirmed',
  'activating',
  'completed',
  'cancel-pending',
  'cancelled',
  'failed',
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

export const finalOrderStatuses = ['completed', 'cancelled', 'failed'] as const;

export function isFinalOrder(status: OrderStatus): boolean {
  return (finalOrderStatuses as readonly string[]).includes(status);
}
