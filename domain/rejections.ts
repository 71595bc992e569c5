import type { Confidence } from './delivery-codes.ts';
import bandwidth from './facts/port-rejections/bandwidth.json' with { type: 'json' };
import npac from './facts/port-rejections/npac.json' with { type: 'json' };
import telnyx from './facts/port-rejections/telnyx.json' with { type: 'json' };
import telnyxHosting from './facts/port-rejections/telnyx-hosting.json' with { type: 'json' };
import twilio from './facts/port-rejections/twilio.json' with { type: 'json' };
import wireless from './facts/port-rejections/wireless.json' with { type: 'json' };

/** Why a port was refused, and how to mend it. */
export interface Rejection {
  /** Raw, as the carrier gave it. */
  readonly code: string;
  /** Path in the body of POST /v1/ports; absent when it is no field that has to change. */
  readonly field?: string;
  readonly meaning: string;
  /** What to do, for people. */
  readonly fix: string;
  /** The same order can be sent again, mended or later; false: it can't, whatever is changed in it. */
  readonly retryable: boolean;
  /** Where the meaning is from; absent for a code that no table has. */
  readonly source?: string;
  readonly confidence: Confidence;
}

type Explained = Omit<Rejection, 'code'>;

interface Table {
  readonly source: string;
  readonly confidence: string;
  readonly rows: readonly ({ readonly codes: readonly string[] } & Omit<Explained, 'confidence' | 'source'> & {
      readonly confidence?: string;
    })[];
}

function index(table: Table): ReadonlyMap<string, Explained> {
  const explained = new Map<string, Explained>();
  for (const { codes, ...row } of table.rows) {
    // That the tables hold nothing but R, K and U is proven by test/domain/rejections.test.ts.
    const entry = { source: table.source, confidence: table.confidence, ...row } as Explained;
    for (const code of codes) explained.set(code, entry);
  }
  return explained;
}

const carriers = new Map([
  ['telnyx', new Map([...index(telnyx), ...index(telnyxHosting)])],
  ['bandwidth', index(bandwidth)],
  ['twilio', index(twilio)],
]);
/** Codes of the trade, which carriers pass on as they are. */
const shared = [index(npac), index(wireless)];

/**
 * What a carrier's rejection of a port means, which field of the request to mend, and how.
 * A code that no table has is shown raw: the wireless carriers' full table isn't public.
 * @param adapter the carrier's adapter, whose codes these are
 */
export function explainRejection(adapter: string, code: string): Rejection {
  const plain = code.trim().toUpperCase();
  for (const table of [carriers.get(adapter), ...shared]) {
    const explained = table?.get(plain);
    if (explained) return { code, ...explained };
  }
  return {
    code,
    meaning: 'The carrier gave a reason that is in none of our tables.',
    fix: "Read the carrier's own words on the order, or ask its porting desk, giving this code.",
    retryable: true,
    confidence: 'U',
  };
}
