import { Router } from 'express';
import { notFound } from './errors.ts';
import type { OrderBook } from './order-book.ts';
import { numberView } from './order-view.ts';
import { pageOf } from './pages.ts';

/** `/porting_phone_numbers` and `/porting/events`: the same orders, seen by number and by event. */
export function eventRoutes(book: OrderBook): Router {
  const router = Router();

  router.get('/porting_phone_numbers', (request, response) => {
    const filter = (request.query.filter ?? {}) as { porting_order_status?: string; porting_order_id?: string };
    const numbers = book
      .all()
      .filter(
        (order) =>
          (!filter.porting_order_status || order.status === filter.porting_order_status) &&
          (!filter.porting_order_id || order.id === filter.porting_order_id),
      )
      .flatMap((order) => order.numbers.map((number) => [order, number] as const));
    const page = pageOf(numbers, request);
    response.json({ ...page, data: page.data.map(([order, number]) => numberView(order, number)) });
  });

  router.get('/porting/events', (request, response) => {
    const filter = (request.query.filter ?? {}) as {
      porting_order_id?: string;
      type?: string;
      created_at?: { gte?: string; lte?: string };
    };
    const events = book
      .events()
      .filter(
        (event) =>
          (!filter.porting_order_id || event.porting_order_id === filter.porting_order_id) &&
          (!filter.type || event.event_type === filter.type) &&
          (!filter.created_at?.gte || event.created_at >= filter.created_at.gte) &&
          (!filter.created_at?.lte || event.created_at <= filter.created_at.lte),
      );
    response.json(pageOf(events, request));
  });

  router.get('/porting/events/:id', (request, response) => {
    const event = book.events().find(({ id }) => id === request.params.id);
    if (!event) throw notFound('event');
    response.json({ data: event });
  });

  router.post('/porting/events/:id/republish', (request, response) => {
    const event = book.events().find(({ id }) => id === request.params.id);
    if (!event) throw notFound('event');
    book.republish(event);
    response.status(204).end();
  });

  return router;
}
