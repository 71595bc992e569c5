import { Router } from 'express';
import { z } from 'zod';
import { notFound } from './errors.ts';
import type { SenderVerifications, Verification } from './toll-free-verifications.ts';

const creation = z.looseObject({
  businessName: z.string().min(1),
  phoneNumbers: z.array(z.object({ phoneNumber: z.string() })).min(1),
  useCase: z.string().min(1),
});
const paging = z.object({ page: z.coerce.number().int().min(1), page_size: z.coerce.number().int().min(1).max(100) });

/** `/messaging_tollfree/verification/requests`: toll-free senders are blocked until they are verified. */
export function tollFreeRoutes(verifications: SenderVerifications): Router {
  const router = Router();
  const path = '/messaging_tollfree/verification/requests';

  router.post(path, (request, response) => {
    const { phoneNumbers, ...about } = creation.parse(request.body ?? {});
    const numbers = phoneNumbers.map(({ phoneNumber }) => phoneNumber);
    response.json(view(verifications.ask(numbers, about), verifications));
  });

  router.get(path, (request, response) => {
    const { page, page_size } = paging.parse(request.query);
    const wanted = z.string().optional().parse(request.query.phone_number);
    const found = verifications.all().filter(({ numbers }) => wanted === undefined || numbers.includes(wanted));
    const records = found.slice((page - 1) * page_size, page * page_size).map((each) => view(each, verifications));
    response.json({ records, total_records: found.length });
  });

  router.get(`${path}/:id`, (request, response) => {
    const found = verifications.all().find(({ id }) => id === request.params.id);
    if (!found) throw notFound('verification request');
    response.json(view(found, verifications));
  });
  return router;
}

/** `VerificationRequestStatus` of the SDK. */
function view(verification: Verification, verifications: SenderVerifications): Record<string, unknown> {
  const { id, numbers, about, createdAt } = verification;
  return {
    ...about,
    id,
    phoneNumbers: numbers.map((phoneNumber) => ({ phoneNumber })),
    verificationStatus: verifications.statusOf(verification),
    createdAt,
    updatedAt: createdAt,
  };
}
