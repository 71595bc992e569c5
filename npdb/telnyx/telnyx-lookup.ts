import type Telnyx from 'telnyx';
import { type PortabilityDatabase, type PortabilityRecord, PortabilityUnavailable } from '../portability-database.ts';
import lineTypes from './line-types.json' with { type: 'json' };
import { LookupRequest } from './lookup-request.ts';

type Portability = NonNullable<Telnyx.NumberLookupRetrieveResponse['data']>['portability'];

interface Refusal {
  readonly errors?: readonly { readonly code?: string }[];
}

const types: Readonly<Record<string, string | undefined>> = lineTypes.types;
const ok = 200;
/** The number is well-formed but in no database. */
const notFound = 404;
const telnyxNotFound = '10005';

/** Dips a number through Telnyx's number lookup. */
export class TelnyxLookup implements PortabilityDatabase {
  readonly name = 'telnyx';
  readonly #request: LookupRequest;

  constructor(options: { readonly baseUrl: string; readonly apiKey: string; readonly timeoutMs: number }) {
    this.#request = new LookupRequest(options);
  }

  async lookUp(phoneNumber: string): Promise<PortabilityRecord | undefined> {
    const data = await this.#retrieve(phoneNumber);
    if (!data?.portability && !data?.carrier) return undefined;
    const { portability, carrier } = data;
    const lrn = routingNumber(portability, data.country_code);
    const carrierName = portability?.spid_carrier_name || carrier?.name;
    const mccMnc = `${carrier?.mobile_country_code ?? ''}${carrier?.mobile_network_code ?? ''}`;
    const type = types[carrier?.type ?? ''] as PortabilityRecord['type'];
    return {
      ported: portability?.ported_status === 'Y',
      ...(lrn && { lrn }),
      ...(portability?.spid && { spid: portability.spid }),
      ...(carrierName && { carrierName }),
      ...(/^\d{5,6}$/.test(mccMnc) && { mccMnc }),
      ...(type && { type }),
      ...portingDay(portability?.ported_date),
      source: this.name,
      at: new Date().toISOString(),
    };
  }

  async #retrieve(phoneNumber: string): Promise<Telnyx.NumberLookupRetrieveResponse['data']> {
    const { status, body } = await this.#request.ask(phoneNumber).catch((error: NodeJS.ErrnoException) => {
      throw new PortabilityUnavailable(`Telnyx number lookup: no answer (${error.code ?? error.name}).`);
    });
    if (status === ok && body) return (body as Telnyx.NumberLookupRetrieveResponse).data;
    const code = (body as Refusal | undefined)?.errors?.[0]?.code;
    if (status === notFound || code === telnyxNotFound) return undefined;
    throw new PortabilityUnavailable(
      `Telnyx number lookup: HTTP ${status}${code === undefined ? '' : `, code ${code}`}.`,
    );
  }
}

/** Telnyx writes an LRN without its country; only North America has them (ten digits). */
function routingNumber(portability: Portability, country: string | undefined): string | undefined {
  const digits = portability?.lrn?.replace(/\D/g, '');
  if (!digits) return undefined;
  if (portability?.lrn?.startsWith('+')) return `+${digits}`;
  return digits.length === 10 && (country === 'US' || country === 'CA') ? `+1${digits}` : `+${digits}`;
}

/** A day as `2026-11-26`; anything else says nothing. */
function portingDay(day: string | undefined): Pick<PortabilityRecord, 'portedAt'> {
  return day !== undefined && /^\d{4}-\d\d-\d\d$/.test(day) ? { portedAt: `${day}T00:00:00.000Z` } : {};
}
