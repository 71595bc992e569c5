import { Router } from 'express';
import { z } from 'zod';
import type { World } from '../world/world.ts';

/** `/portability_checks`. */
export function portabilityCheckRoutes(world: World): Router {
  const router = Router();
  router.post('/portability_checks', (request, response) => {
    const { phone_numbers } = z.object({ phone_numbers: z.array(z.string()).default([]) }).parse(request.body ?? {});
    response.json({ data: phone_numbers.map((phoneNumber) => portability(world, phoneNumber)) });
  });
  return router;
}

function portability(world: World, phoneNumber: string): Record<string, unknown> {
  const number = world.numbers.get(phoneNumber);
  const here = world.numbers.voiceCarrier(phoneNumber) === 'telnyx';
  const portable = number?.portable === true && !here;
  let reason = '';
  if (!number) reason = 'NO_COVERAGE';
  else if (here) reason = 'ALREADY_ON_TELNYX';
  else if (!number.portable) reason = number.notPortableReason;
  return {
    record_type: 'portability_check_result',
    phone_number: phoneNumber,
    portable,
    fast_portable: portable && (number?.fastPortable ?? false),
    messaging_capable: number?.messagingCapable ?? false,
    not_portable_reason: reason,
  };
}
