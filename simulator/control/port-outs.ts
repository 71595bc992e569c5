import { type Request, Router } from 'express';
import { z } from 'zod';
import type { PortOut } from '../telnyx/port-out.ts';
import type { PortOutBook } from '../telnyx/port-out-book.ts';

const e164 = z.string().regex(/^\+[1-9]\d{6,14}$/, 'expected E.164 with +');
const milliseconds = z.number().int().min(0);

const request = z
  .strictObject({
    phoneNumber: e164.optional(),
    phoneNumbers: z.array(e164).min(1).optional(),
    accountNumber: z.string().optional(),
    pin: z.string().optional(),
    postalCode: z.string().optional(),
    name: z.string().default('Example Ltd'),
    to: z.literal('foreign').default('foreign'),
    /** From now to the date, if it is approved. */
    focInMs: milliseconds.default(60_000),
    /** Unanswered for so long, it approves itself. */
    answerWithinMs: milliseconds.default(24 * 3600_000),
    /** How long the porting desk looks at a rejection, and whether it finds it valid. */
    reviewMs: milliseconds.default(50),
    acceptsRejections: z.boolean().default(true),
    rejections: z
      .array(z.strictObject({ code: z.number().int(), description: z.string(), reason_required: z.boolean() }))
      .default([
        { code: 1001, description: 'Other', reason_required: true },
        { code: 1002, description: 'Invalid PIN', reason_required: false },
        { code: 1003, description: 'Account number mismatch', reason_required: false },
        { code: 1004, description: 'Zip code mismatch', reason_required: false },
      ]),
  })
  .refine(({ phoneNumber, phoneNumbers }) => (phoneNumber === undefined) !== (phoneNumbers === undefined), {
    message: 'give phoneNumber or phoneNumbers',
  });

/** A foreign carrier asks the REST carrier for numbers of ours; what was answered stands in `trace`. */
export function portOutControl(book: PortOutBook): Router {
  const router = Router();

  router.post('/port-outs', (req, response) => {
    const { phoneNumber, phoneNumbers, ...rest } = request.parse(req.body ?? {});
    response.status(201).json(book.request({ ...rest, phoneNumbers: phoneNumbers ?? [phoneNumber ?? ''] }));
  });
  router.get('/port-outs', (_req, response) => {
    response.json(book.all());
  });
  router.get('/port-outs/:id', (req, response) => {
    response.json(find(book, req));
  });
  router.post('/port-outs/:id/cancel', (req, response) => {
    const portOut = find(book, req);
    book.cancel(portOut);
    response.json(portOut);
  });
  router.post('/port-outs/:id/foc', (req, response) => {
    const portOut = find(book, req);
    book.reschedule(portOut, z.strictObject({ focInMs: milliseconds }).parse(req.body ?? {}).focInMs);
    response.json(portOut);
  });

  return router;
}

function find(book: PortOutBook, { params }: Request): PortOut {
  const portOut = book.get(String(params.id));
  if (!portOut) throw Object.assign(new Error('the simulator has no such port-out'), { status: 404 });
  return portOut;
}
