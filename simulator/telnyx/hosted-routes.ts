import busboy from 'busboy';
import { type Request, Router } from 'express';
import { z } from 'zod';
import type { World } from '../world/world.ts';
import { notFound, unprocessable } from './errors.ts';
import type { HostedBook } from './hosted-book.ts';
import { eligibility } from './hosted-eligibility.ts';
import { type HostedOrder, hostedNumberView, hostedOrderView } from './hosted-order.ts';
import { pageOf } from './pages.ts';

const numberList = z.array(z.string()).min(1);
const creation = z.object({ phone_numbers: numberList, messaging_profile_id: z.string().nullish() });
const sending = z.object({ phone_numbers: numberList, verification_method: z.enum(['sms', 'call']) });
const checking = z.object({
  verification_codes: z.array(z.object({ phone_number: z.string(), code: z.string() })).min(1),
});
const largestFile = 5_000_000;

/** `/messaging_hosted_number_orders` and `/messaging_hosted_numbers`. */
export function hostedRoutes(world: World, book: HostedBook): Router {
  const router = Router();
  const orders = '/messaging_hosted_number_orders';

  router.post(`${orders}/eligibility_numbers_check`, (request, response) => {
    const { phone_numbers } = z.object({ phone_numbers: numberList }).parse(request.body ?? {});
    response.json({
      phone_numbers: phone_numbers.map((phone_number) => {
        const status = eligibility(world, phone_number);
        return { phone_number, eligible: status === 'eligible', eligible_status: status, detail: status };
      }),
    });
  });

  router.post(orders, (request, response) => {
    const { phone_numbers, messaging_profile_id } = creation.parse(request.body ?? {});
    const order = book.create([...new Set(phone_numbers)], messaging_profile_id ?? null);
    response.json({ data: hostedOrderView(order) });
  });

  router.get(orders, (request, response) => {
    response.json(pageOf(book.all().map(hostedOrderView), request));
  });

  router.get(`${orders}/:id`, (request, response) => {
    response.json({ data: hostedOrderView(find(book, request)) });
  });

  router.delete(`${orders}/:id`, (request, response) => {
    const order = find(book, request);
    if (order.status === 'deleted') throw unprocessable('The order is deleted already.');
    book.remove(order);
    response.json({ data: hostedOrderView(order) });
  });

  router.post(`${orders}/:id/actions/file_upload`, async (request, response) => {
    const order = find(book, request);
    book.handIn(order, await filesOf(request));
    response.json({ data: hostedOrderView(order) });
  });

  router.post(`${orders}/:id/verification_codes`, (request, response) => {
    const order = find(book, request);
    const { phone_numbers, verification_method } = sending.parse(request.body ?? {});
    response.json({
      data: phone_numbers.map((phone_number) =>
        book.sendCode(order, phone_number, verification_method)
          ? { phone_number, type: verification_method, verification_code_id: order.id }
          : { phone_number, error: 'The phone number is not on this order.' },
      ),
    });
  });

  router.post(`${orders}/:id/validation_codes`, (request, response) => {
    const order = find(book, request);
    const { verification_codes } = checking.parse(request.body ?? {});
    const phone_numbers = verification_codes.map(({ phone_number, code }) => ({
      phone_number,
      status: book.verify(order, phone_number, code),
    }));
    response.json({ data: { order_id: order.id, phone_numbers } });
  });

  router.get('/messaging_hosted_numbers', (request, response) => {
    const wanted = ((request.query.filter ?? {}) as { phone_number?: string }).phone_number;
    const found = book.hosted().filter(({ number }) => wanted === undefined || number.phoneNumber === wanted);
    response.json(
      pageOf(
        found.map(({ order, number }) => hostedNumberView(order, number)),
        request,
      ),
    );
  });

  router.delete('/messaging_hosted_numbers/:id', (request, response) => {
    const found = book.hosted().find(({ number }) => number.id === request.params.id);
    if (!found) throw notFound('hosted number');
    book.removeNumber(found.order, found.number);
    response.json({ data: hostedOrderView(found.order) });
  });

  return router;
}

function find(book: HostedBook, request: Request): HostedOrder {
  const order = book.get(String(request.params.id));
  if (!order) throw notFound('hosted number order');
  return order;
}

/** The carrier reads PDF only. */
async function filesOf(request: Request): Promise<HostedOrder['papers']> {
  const papers: HostedOrder['papers'] = {};
  await new Promise<void>((resolve, reject) => {
    const form = busboy({ headers: request.headers, limits: { fileSize: largestFile, files: 2 } });
    form.on('file', (name, stream) => {
      let start = '';
      stream.on('data', (chunk: Buffer) => {
        if (start.length < 5) start += chunk.subarray(0, 5 - start.length).toString('latin1');
      });
      stream.on('end', () => {
        if (name === 'loa' || name === 'bill') papers[name] = start === '%PDF-' ? 'readable' : 'unreadable';
      });
    });
    form.on('close', resolve).on('error', reject);
    request.pipe(form);
  });
  return papers;
}
