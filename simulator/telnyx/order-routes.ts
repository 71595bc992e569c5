import { type Request, Router } from 'express';
import { z } from 'zod';
import type { World } from '../world/world.ts';
import type { DocumentBook } from './document-book.ts';
import { notFound, unprocessable } from './errors.ts';
import exceptionTypes from './exception-types.json' with { type: 'json' };
import type { Order } from './order.ts';
import type { OrderBook } from './order-book.ts';
import type { OrderLife } from './order-life.ts';
import { filtered, sorted } from './order-list.ts';
import { commentView, jobView, orderView } from './order-view.ts';
import { pageOf } from './pages.ts';

const nullable = z.string().nullish();

const creation = z.object({
  phone_numbers: z.array(z.string()).min(1),
  customer_reference: nullable,
  customer_group_reference: nullable,
});

const change = z.object({
  activation_settings: z.object({ foc_datetime_requested: z.iso.datetime({ offset: true }).nullish() }).optional(),
  customer_reference: nullable,
  customer_group_reference: nullable,
  end_user: z
    .object({
      admin: z
        .object({
          entity_name: nullable,
          auth_person_name: nullable,
          billing_phone_number: nullable,
          account_number: nullable,
          pin_passcode: nullable,
          tax_identifier: nullable,
          business_identifier: nullable,
        })
        .optional(),
      location: z
        .object({
          street_address: nullable,
          extended_address: nullable,
          locality: nullable,
          administrative_area: nullable,
          postal_code: nullable,
          country_code: nullable,
        })
        .optional(),
    })
    .optional(),
  messaging: z.object({ enable_messaging: z.boolean().optional() }).optional(),
  misc: z
    .object({
      type: z.enum(['full', 'partial']).optional(),
      remaining_numbers_action: z.enum(['keep', 'disconnect']).nullish(),
      new_billing_phone_number: nullable,
    })
    .nullish(),
  phone_number_configuration: z.record(z.string(), z.unknown()).optional(),
  webhook_url: nullable,
  documents: z.object({ loa: nullable, invoice: nullable }).optional(),
});

/** What must be known before an order can be confirmed. */
const REQUIRED = {
  admin: ['entity_name', 'auth_person_name', 'account_number'],
  location: ['street_address', 'locality', 'postal_code', 'country_code'],
} as const;

/** `/porting_orders` and what belongs to it. */
export function orderRoutes(world: World, book: OrderBook, life: OrderLife, documents: DocumentBook): Router {
  const router = Router();

  router.post('/porting_orders', (request, response) => {
    const body = creation.parse(request.body ?? {});
    const references = { customer: body.customer_reference, group: body.customer_group_reference };
    const orders = book.create([...new Set(body.phone_numbers)], references);
    response.status(201).json({ data: orders.map((order) => orderView(order, true)) });
  });

  router.get('/porting_orders', (request, response) => {
    const page = pageOf(sorted(filtered(book.all(), request), request), request);
    const withNumbers = request.query.include_phone_numbers === 'true';
    response.json({ ...page, data: page.data.map((order) => orderView(order, withNumbers)) });
  });

  router.get('/porting_orders/exception_types', (_request, response) => {
    response.json({ data: exceptionTypes.codes.map((code) => ({ code, description: code })) });
  });

  router.get('/porting_orders/:id', (request, response) => {
    const order = find(book, request);
    response.json(answer(order, request.query.include_phone_numbers !== 'false'));
  });

  router.delete('/porting_orders/:id', (request, response) => {
    const order = find(book, request);
    if (order.status !== 'draft') throw unprocessable('Only a draft can be deleted.');
    book.remove(order);
    response.status(204).end();
  });

  router.patch('/porting_orders/:id', (request, response) => {
    const order = find(book, request);
    const asked = change.parse(request.body ?? {});
    const confirmed = order.status === 'foc-date-confirmed';
    edit(order, asked);
    attach(order, asked.documents ?? {}, documents);
    if (confirmed && (touchesData(asked) || asked.activation_settings)) life.supplement(order);
    else life.changed(order);
    response.json(answer(order, true));
  });

  router.get('/porting_orders/:id/allowed_foc_windows', (request, response) => {
    find(book, request);
    response.json({
      data: focWindows(world),
      meta: { page_number: 1, page_size: 20, total_pages: 1, total_results: 5 },
    });
  });

  router.post('/porting_orders/:id/actions/confirm', (request, response) => {
    const order = find(book, request);
    checkRequired(order);
    life.confirm(order);
    response.json(answer(order, true));
  });

  router.post('/porting_orders/:id/actions/cancel', (request, response) => {
    const order = find(book, request);
    life.cancel(order);
    response.json(answer(order, true));
  });

  router.post('/porting_orders/:id/actions/activate', (request, response) => {
    const order = find(book, request);
    life.activate(order);
    if (order.job) response.status(202).json({ data: jobView(order.job) });
  });

  router.get('/porting_orders/:id/activation_jobs', (request, response) => {
    const { job } = find(book, request);
    response.json(pageOf(job ? [jobView(job)] : [], request));
  });

  router.get('/porting_orders/:id/activation_jobs/:jobId', (request, response) => {
    const { job } = find(book, request);
    if (job?.id !== request.params.jobId) throw notFound('activation job');
    response.json({ data: jobView(job) });
  });

  router.get('/porting_orders/:id/comments', (request, response) => {
    const order = find(book, request);
    response.json(
      pageOf(
        order.comments.map((comment) => commentView(order, comment)),
        request,
      ),
    );
  });

  router.post('/porting_orders/:id/comments', (request, response) => {
    const order = find(book, request);
    const { body } = z.object({ body: z.string().min(1) }).parse(request.body ?? {});
    response.status(201).json({ data: commentView(order, life.comment(order, body, 'user')) });
  });

  return router;
}

function find(book: OrderBook, request: Request): Order {
  const order = book.get(String(request.params.id));
  if (!order) throw notFound('porting order');
  return order;
}

function answer(order: Order, withNumbers: boolean): Record<string, unknown> {
  const meta = { phone_numbers_url: `/v2/porting_phone_numbers?filter[porting_order_id]=${order.id}` };
  return { data: orderView(order, withNumbers), meta };
}

function edit(order: Order, body: z.infer<typeof change>): void {
  // The carrier itself takes changes in exception only; this one until the date, so that a late supplement can be seen at all.
  const confirmed = order.status === 'foc-date-confirmed' && Date.now() < Date.parse(order.focActual ?? '');
  const open = order.status === 'draft' || order.status === 'exception' || confirmed;
  if (!open && touchesData(body)) throw unprocessable(`A porting order that is ${order.status} cannot be edited.`);
  const date = body.activation_settings?.foc_datetime_requested;
  if (!open && date && order.status !== 'in-process' && order.status !== 'submitted') {
    throw unprocessable('The FOC date is settled.', '/activation_settings/foc_datetime_requested');
  }
  if (date !== undefined) order.focRequested = date;
  if (body.customer_reference !== undefined) order.customerReference = body.customer_reference;
  if (body.customer_group_reference !== undefined) order.customerGroupReference = body.customer_group_reference;
  if (body.webhook_url !== undefined) order.webhookUrl = body.webhook_url;
  if (body.misc !== undefined) order.misc = body.misc;
  if (body.messaging?.enable_messaging !== undefined) {
    order.enableMessaging = body.messaging.enable_messaging && order.messagingCapable;
  }
  if (body.end_user) {
    order.endUser = {
      admin: { ...order.endUser.admin, ...body.end_user.admin },
      location: { ...order.endUser.location, ...body.end_user.location },
    };
  }
  Object.assign(order.phoneNumberConfiguration, body.phone_number_configuration);
}

function touchesData(body: z.infer<typeof change>): boolean {
  return Boolean(body.end_user || body.misc !== undefined || body.messaging || body.documents);
}

function attach(order: Order, asked: NonNullable<z.infer<typeof change>['documents']>, documents: DocumentBook): void {
  for (const type of ['loa', 'invoice'] as const) {
    const id = asked[type];
    if (id === undefined) continue;
    if (id !== null) documents.link(id, order, type, `/documents/${type}`);
    order.documents[type] = id;
  }
}

function checkRequired(order: Order): void {
  for (const name of REQUIRED.admin) {
    if (!order.endUser.admin?.[name]) throw unprocessable(`${name} is required.`, `/end_user/admin/${name}`);
  }
  for (const name of REQUIRED.location) {
    if (!order.endUser.location?.[name]) throw unprocessable(`${name} is required.`, `/end_user/location/${name}`);
  }
}

/** Five windows of a day each, from the earliest date that an order confirmed now could get. */
function focWindows(world: World): Record<string, unknown>[] {
  const { reviewMs, losingReviewMs, focLeadMs } = world.scenario.ports;
  const first = Date.now() + reviewMs + losingReviewMs + focLeadMs;
  const day = 86_400_000;
  return [0, 1, 2, 3, 4].map((index) => ({
    record_type: 'porting_order',
    started_at: new Date(first + index * day).toISOString(),
    ended_at: new Date(first + (index + 1) * day).toISOString(),
  }));
}
