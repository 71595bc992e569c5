import { type Request, Router } from 'express';
import { z } from 'zod';
import { notFound } from './errors.ts';
import { pageOf } from './pages.ts';
import { type PortOut, portOutView } from './port-out.ts';
import type { PortOutBook } from './port-out-book.ts';

const update = z.object({ reason: z.string(), rejection_code: z.number().int().optional() });

interface Filter {
  readonly status?: string;
  readonly status_in?: string | string[];
  readonly phone_number?: string;
  readonly pon?: string;
  readonly spid?: string;
  readonly carrier_name?: string;
  readonly support_key?: string;
  readonly inserted_at?: { readonly gte?: string; readonly lte?: string };
}

/** `/portouts` and what belongs to it. */
export function portOutRoutes(book: PortOutBook): Router {
  const router = Router();

  router.get('/portouts', (request, response) => {
    const filter = (request.query.filter ?? {}) as Filter;
    const page = pageOf(book.all().filter(fits(filter)), request);
    response.json({ ...page, data: page.data.map(portOutView) });
  });

  router.get('/portouts/events', (request, response) => {
    const filter = (request.query.filter ?? {}) as {
      portout_id?: string;
      event_type?: string;
      created_at?: { gte?: string; lte?: string };
    };
    const events = book
      .happenings()
      .filter(
        (event) =>
          (!filter.portout_id || event.portout_id === filter.portout_id) &&
          (!filter.event_type || event.event_type === filter.event_type) &&
          (!filter.created_at?.gte || event.created_at >= filter.created_at.gte) &&
          (!filter.created_at?.lte || event.created_at <= filter.created_at.lte),
      );
    response.json(pageOf(events, request));
  });

  router.get('/portouts/events/:id', (request, response) => {
    const event = book.happenings().find(({ id }) => id === request.params.id);
    if (!event) throw notFound('event');
    response.json({ data: event });
  });

  router.post('/portouts/events/:id/republish', (request, response) => {
    const event = book.happenings().find(({ id }) => id === request.params.id);
    if (!event) throw notFound('event');
    book.republish(event);
    response.status(204).end();
  });

  router.get('/portouts/rejections/:id', (request, response) => {
    response.json({ data: find(book, request).rejections });
  });

  router.get('/portouts/:id', (request, response) => {
    response.json({ data: portOutView(find(book, request)) });
  });

  router.patch('/portouts/:id/authorized', (request, response) => {
    const portOut = find(book, request);
    update.parse(request.body ?? {});
    book.authorize(portOut);
    response.json({ data: portOutView(portOut) });
  });

  router.patch('/portouts/:id/rejected-pending', (request, response) => {
    const portOut = find(book, request);
    const { reason, rejection_code } = update.parse(request.body ?? {});
    book.reject(portOut, rejection_code, reason);
    response.json({ data: portOutView(portOut) });
  });

  router.get('/portouts/:id/comments', (request, response) => {
    const portOut = find(book, request);
    response.json({ data: portOut.comments.map((comment) => commentView(portOut, comment)) });
  });

  router.post('/portouts/:id/comments', (request, response) => {
    const portOut = find(book, request);
    const { body } = z.object({ body: z.string().min(1) }).parse(request.body ?? {});
    response.status(201).json({ data: commentView(portOut, book.comment(portOut, body)) });
  });

  return router;
}

function find(book: PortOutBook, request: Request): PortOut {
  const portOut = book.get(String(request.params.id));
  if (!portOut) throw notFound('port-out');
  return portOut;
}

function fits(filter: Filter): (portOut: PortOut) => boolean {
  const statuses = [filter.status ?? [], filter.status_in ?? []].flat().flatMap((each) => each.split(','));
  return (portOut) =>
    (statuses.length === 0 || statuses.includes(portOut.status)) &&
    (!filter.phone_number || portOut.phoneNumbers.includes(filter.phone_number)) &&
    (!filter.pon || portOut.pon === filter.pon) &&
    (!filter.spid || portOut.spid === filter.spid) &&
    (!filter.carrier_name || portOut.carrierName === filter.carrier_name) &&
    (!filter.support_key || portOut.supportKey === filter.support_key) &&
    (!filter.inserted_at?.gte || portOut.insertedAt >= filter.inserted_at.gte) &&
    (!filter.inserted_at?.lte || portOut.insertedAt <= filter.inserted_at.lte);
}

/** `PortoutComment` of the SDK. */
function commentView({ id }: PortOut, comment: PortOut['comments'][number]): Record<string, unknown> {
  return {
    record_type: 'portout',
    id: comment.id,
    body: comment.body,
    portout_id: id,
    user_id: '00000000-0000-4000-8000-000000000001',
    created_at: comment.createdAt,
  };
}
