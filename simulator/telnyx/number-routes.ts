import { Router } from 'express';
import type { BusinessNumber } from '../world/business-number.ts';
import { hash53 } from '../world/chance.ts';
import type { World } from '../world/world.ts';
import { pageOf } from './pages.ts';

/** `/phone_numbers`: the numbers that the account has, and has had. */
export function numberRoutes(world: World): Router {
  const router = Router();
  router.get('/phone_numbers', (request, response) => {
    const { phone_number: part, status } = (request.query.filter ?? {}) as { phone_number?: string; status?: string };
    const numbers = world.numbers
      .all()
      .filter((number) => number.voice.some((route) => route.carrier === 'telnyx'))
      .map((number) => numberView(number, world.numbers.voiceCarrier(number.phoneNumber) === 'telnyx'))
      .filter((number) => (!part || number.phone_number.includes(part)) && (!status || number.status === status));
    response.json(pageOf(numbers, request));
  });
  return router;
}

/** `PhoneNumberDetailed` of the SDK, as far as it is known here. */
function numberView({ phoneNumber, country, type, voice }: BusinessNumber, here: boolean) {
  const arrived = voice.find((route) => route.carrier === 'telnyx');
  const since = new Date(arrived?.since ?? 0).toISOString();
  return {
    id: String(hash53(phoneNumber)),
    record_type: 'phone_number',
    phone_number: phoneNumber,
    country_iso_alpha2: country,
    phone_number_type: type,
    status: here ? 'active' : 'ported-out',
    source_type: voice[0]?.carrier === 'telnyx' ? 'number_order' : 'port_request',
    created_at: since,
    purchased_at: since,
    deletion_lock_enabled: false,
    external_pin: null,
    tags: [],
  };
}
