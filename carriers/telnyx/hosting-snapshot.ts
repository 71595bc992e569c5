import type Telnyx from 'telnyx';
import type { OrderedNumber, OrderSnapshot } from '../carrier.ts';
import states from './hosting-states.json' with { type: 'json' };

export type HostedOrder = Telnyx.MessagingHostedNumberOrder;

const orderStates: Readonly<Record<string, string | undefined>> = states.order;
const numberStates: Readonly<Record<string, string | undefined>> = states.number;

/**
 * A hosted messaging order in our terms: voice has no part in it, so that it stays `pending`. Reasons have no list of their own at the
 * carrier: the state of the order, or of a number, is the reason. The API gives no dates.
 * @param readAt when it was read
 */
export function hostedSnapshot(order: HostedOrder, readAt = new Date()): OrderSnapshot {
  const carrierState = order.status ?? '';
  const state = (orderStates[carrierState] ?? 'unknown') as OrderSnapshot['state'];
  const numbers = order.phone_numbers ?? [];
  const reasons = new Set([
    ...(state === 'exception' ? [carrierState] : []),
    ...numbers.flatMap(({ status }) => (status && textsOf(status) === 'exception' ? [status] : [])),
  ]);
  return {
    carrierOrderId: order.id ?? '',
    carrierState,
    state,
    numbers: numbers.map(({ phone_number, status }) => ({
      phoneNumber: phone_number ?? '',
      voice: 'pending',
      messaging: textsOf(status ?? ''),
    })),
    rejections: [...reasons].map((reason) => ({ code: reason.toUpperCase(), message: '' })),
    updatedAt: readAt.toISOString(),
  };
}

/** Whether the order waits for papers, or may be given other ones. */
export function takesPapers({ status }: HostedOrder): boolean {
  return (states.takesPapers as readonly string[]).includes(status ?? '');
}

/** Whether the order still stands for its numbers: what was deleted, or has let a number go, does not. */
export function isLive({ status, phone_numbers }: HostedOrder): boolean {
  return orderStates[status ?? ''] !== 'cancelled' && !(phone_numbers ?? []).some((each) => each.status === 'deleted');
}

function textsOf(status: string): OrderedNumber['messaging'] {
  return (numberStates[status] ?? 'pending') as OrderedNumber['messaging'];
}
