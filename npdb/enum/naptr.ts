import type { PortabilityRecord } from '../portability-database.ts';

/** A NAPTR record as Node's resolver gives it (RFC 3403 §4.1). */
export interface NaptrRecord {
  readonly flags: string;
  readonly service: string;
  readonly regexp: string;
  readonly replacement: string;
  readonly order: number;
  readonly preference: number;
}

type Portability = Pick<PortabilityRecord, 'ported' | 'lrn' | 'spid' | 'carrierName'>;

/** `E2U+pstn:tel` (RFC 4769 §3); the service may name others beside it. */
const pstnTel = /^e2u(?:\+[\w:]+)*\+pstn:tel(?:\+|$)/i;

/**
 * Reads a number's portability from its NAPTR records: the first usable one in their order.
 * @returns undefined when none is of the PSTN service, or none can be read
 */
export function readPortability(records: readonly NaptrRecord[], phoneNumber: string): Portability | undefined {
  const inOrder = [...records].sort((a, b) => a.order - b.order || a.preference - b.preference);
  for (const record of inOrder) {
    if (record.flags.toLowerCase() !== 'u' || !pstnTel.test(record.service)) continue;
    const uri = substitute(record.regexp, phoneNumber);
    if (uri && /^tel:/i.test(uri)) return readTelUri(uri);
  }
  return undefined;
}

/**
 * Applies a substitution expression (RFC 3402 §3.2): `!pattern!replacement!flags` with any delimiter.
 * @returns undefined when the expression is malformed or doesn't match
 */
function substitute(expression: string, phoneNumber: string): string | undefined {
  const delimiter = expression[0];
  if (!delimiter) return undefined;
  const [pattern, replacement, flags] = expression.slice(1).split(delimiter);
  if (pattern === undefined || replacement === undefined) return undefined;
  try {
    const match = new RegExp(pattern, flags?.includes('i') ? 'i' : '').exec(phoneNumber);
    return match ? replacement.replace(/\\(\d)/g, (_, group: string) => match[Number(group)] ?? '') : undefined;
  } catch {
    // A pattern that is no regular expression is as good as no record.
    return undefined;
  }
}

/** Parameters of a `tel:` URI: `npdi` dipped, `rn` routing number (RFC 4694 §4), `spn` service provider, as carriers' databases add. */
function readTelUri(uri: string): Portability {
  const [number = '', ...parameters] = uri.slice('tel:'.length).split(';');
  const values = new Map(
    parameters.map((parameter) => {
      const [name = '', value = ''] = parameter.split('=');
      return [name.toLowerCase(), value];
    }),
  );
  const routing = values.get('rn');
  const spid = values.get('spn');
  const lrn = routing && globalNumber(routing, values.get('rn-context'), number);
  return { ported: routing !== undefined, ...(lrn && { lrn }), ...(spid && { spid }) };
}

/** A routing number is global, local to its context, or (without one) local to the plan of the number it belongs to. */
function globalNumber(routing: string, context: string | undefined, number: string): string {
  const digits = routing.replace(/\D/g, '');
  if (routing.startsWith('+')) return `+${digits}`;
  if (context?.startsWith('+')) return `+${context.replace(/\D/g, '')}${digits}`;
  const own = number.replace(/\D/g, '');
  return `+${own.slice(0, Math.max(0, own.length - digits.length))}${digits}`;
}
