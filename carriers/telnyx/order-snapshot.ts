import type Telnyx from 'telnyx';
import type { OrderedNumber, OrderSnapshot } from '../carrier.ts';
import states from './order-states.json' with { type: 'json' };

type Order = Telnyx.PortingOrder;
type OrderPhoneNumber = NonNullable<Order['phone_numbers']>[number];

const orderStates: Readonly<Record<string, string | undefined>> = states.order;
const voiceByActivation: Readonly<Record<string, string | undefined>> = states.voiceByActivation;
const voiceByOrder: Readonly<Record<string, string | undefined>> = states.voiceByOrder;
const concurrences: Readonly<Record<string, string | undefined>> = states.concurrenceByActivation;
const messagingStates: Readonly<Record<string, string | undefined>> = states.messaging;

/**
 * A porting order in our terms. Its messaging has one state for all numbers.
 * @param phoneNumbers all of them; the order itself holds the first 50 at most
 */
export function snapshotOf(order: Order, phoneNumbers: readonly OrderPhoneNumber[]): OrderSnapshot {
  const carrierState = order.status?.value ?? '';
  const state = (orderStates[carrierState] ?? 'unknown') as OrderSnapshot['state'];
  const focAt = utc(order.activation_settings?.foc_datetime_actual);
  const messaging = messagingOf(order);
  const concurrence = concurrenceOf(phoneNumbers);
  const onDemand = order.activation_settings?.fast_port_eligible;
  return {
    carrierOrderId: order.id ?? '',
    carrierState,
    state,
    ...(focAt && { focAt }),
    ...(concurrence && { concurrence }),
    ...(onDemand !== undefined && { onDemand }),
    numbers: phoneNumbers.map((number) => ({
      phoneNumber: number.phone_number ?? '',
      voice: voiceOf(number, carrierState),
      messaging,
    })),
    rejections: (order.status?.details ?? []).map(({ code, description }) => ({
      code: code ?? 'OTHER',
      message: description ?? '',
    })),
    updatedAt: utc(order.updated_at) ?? utc(order.created_at) ?? new Date(0).toISOString(),
  };
}

/** Outside North America a number has no activation of its own and follows its order. */
function voiceOf(number: OrderPhoneNumber, carrierState: string): OrderedNumber['voice'] {
  const own = voiceByActivation[number.activation_status ?? ''];
  return (own ?? voiceByOrder[carrierState] ?? 'pending') as OrderedNumber['voice'];
}

/** Of the order: one number in conflict, or without concurrence, is one too many. */
function concurrenceOf(phoneNumbers: readonly OrderPhoneNumber[]): OrderSnapshot['concurrence'] {
  const each = new Set(phoneNumbers.map((number) => concurrences[number.activation_status ?? '']));
  return (['conflict', 'awaited', 'given'] as const).find((concurrence) => each.has(concurrence));
}

function messagingOf({ messaging }: Order): OrderedNumber['messaging'] {
  if (messaging?.enable_messaging === false) return 'not-applicable';
  return (messagingStates[messaging?.messaging_port_status ?? ''] ?? 'pending') as OrderedNumber['messaging'];
}

function utc(date: string | null | undefined): string | undefined {
  const parsed = date ? new Date(date) : undefined;
  return parsed && !Number.isNaN(parsed.getTime()) ? parsed.toISOString() : undefined;
}
