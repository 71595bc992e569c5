import type { Request } from 'express';
import type { Order } from './order.ts';

/** The orders that `filter` asks for: what the SDK's types name, and `status` and `updated_at`. */
export function filtered(orders: Order[], request: Request): Order[] {
  const filter = (request.query.filter ?? {}) as Record<string, unknown> & {
    end_user?: { admin?: { entity_name?: string; auth_person_name?: string } };
    misc?: { type?: string };
    phone_numbers?: { carrier_name?: string; country_code?: string; phone_number?: { contains?: string } };
    updated_at?: { gte?: string; gt?: string };
    status?: string | { in?: string | string[] };
  };
  const since = filter.updated_at?.gte ?? filter.updated_at?.gt;
  const statuses = typeof filter.status === 'string' ? filter.status.split(',') : [filter.status?.in ?? []].flat();
  const { admin } = filter.end_user ?? {};
  const { carrier_name, country_code, phone_number } = filter.phone_numbers ?? {};
  return orders.filter(
    (order) =>
      (filter.customer_reference === undefined || order.customerReference === filter.customer_reference) &&
      (filter.customer_group_reference === undefined ||
        order.customerGroupReference === filter.customer_group_reference) &&
      (statuses.length === 0 || statuses.includes(order.status)) &&
      (!since || order.updatedAt >= since) &&
      (!filter.misc?.type || order.misc?.type === filter.misc.type) &&
      (!admin?.entity_name || order.endUser.admin?.entity_name === admin.entity_name) &&
      (!admin?.auth_person_name || order.endUser.admin?.auth_person_name === admin.auth_person_name) &&
      (!carrier_name || order.losing === carrier_name) &&
      (!country_code || order.country === country_code) &&
      (!phone_number?.contains || order.numbers.some((n) => n.phoneNumber.includes(phone_number.contains ?? ''))),
  );
}

/** In the order of `sort`, newest first unless told. */
export function sorted(orders: Order[], request: Request): Order[] {
  const { sort } = request.query as { sort?: string | { value?: string } };
  const value = (typeof sort === 'string' ? sort : sort?.value) ?? '-created_at';
  const descending = value.startsWith('-');
  const keyOf = (order: Order) => {
    if (value.endsWith('foc_datetime_requested')) return order.focRequested ?? '';
    return value.endsWith('updated_at') ? order.updatedAt : order.createdAt;
  };
  return orders.sort((a, b) => (descending ? -1 : 1) * keyOf(a).localeCompare(keyOf(b)));
}
