import { Router } from 'express';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { portabilityOf } from '../npdb/portability.ts';
import type { World } from '../world/world.ts';
import { TelnyxFailure } from './errors.ts';

/** `/number_lookup/{phone_number}`. */
export function numberLookupRoutes(world: World): Router {
  const router = Router();
  router.get('/number_lookup/:phoneNumber', (request, response) => {
    const parsed = parsePhoneNumberFromString(request.params.phoneNumber);
    if (!parsed) {
      throw new TelnyxFailure(422, [
        { code: '10002', title: 'Invalid phone number', detail: 'The phone number is invalid.' },
      ]);
    }
    const row = portabilityOf(world, parsed.number, world.scenario.ports.lookupLagMs);
    response.json({
      data: {
        record_type: 'number_lookup',
        phone_number: parsed.number,
        country_code: parsed.country ?? '',
        national_format: parsed.formatNational(),
        fraud: null,
        caller_name: {},
        carrier: {
          name: row?.carrierName ?? '',
          normalized_carrier: row?.carrierName ?? '',
          type: 'mobile',
          mobile_country_code: row?.mccMnc?.slice(0, 3) ?? '',
          mobile_network_code: row?.mccMnc?.slice(3) ?? '',
          error_code: null,
        },
        portability: {
          line_type: 'mobile',
          ported_status: row ? (row.ported ? 'Y' : 'N') : '',
          ported_date: row?.portedAt?.slice(0, 10) ?? '',
          spid: row?.spid ?? '',
          spid_carrier_name: row?.carrierName ?? '',
          spid_carrier_type: row ? 'WIRELESS' : '',
          altspid: '',
          altspid_carrier_name: '',
          altspid_carrier_type: '',
          lrn: row?.lrn?.replace(/^\+1/, '') ?? '',
          ocn: row?.spid ?? '',
          city: '',
          state: '',
        },
      },
    });
  });
  return router;
}
