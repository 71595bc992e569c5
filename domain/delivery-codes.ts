import classes from './facts/delivery-classes.json' with { type: 'json' };
import bandwidth from './facts/delivery-codes/bandwidth.json' with { type: 'json' };
import http from './facts/delivery-codes/http.json' with { type: 'json' };
import map from './facts/delivery-codes/map.json' with { type: 'json' };
import receiptStates from './facts/delivery-codes/receipt-states.json' with { type: 'json' };
import sinch from './facts/delivery-codes/sinch.json' with { type: 'json' };
import smpp from './facts/delivery-codes/smpp.json' with { type: 'json' };
import telnyx from './facts/delivery-codes/telnyx.json' with { type: 'json' };
import twilio from './facts/delivery-codes/twilio.json' with { type: 'json' };
import type { ReceiptState } from './message.ts';

/** Whose codes: `smpp` is the protocol's `command_status`, `map` the GSM network's own causes, the others a carrier's API. */
export const vocabularies = ['smpp', 'map', 'telnyx', 'twilio', 'bandwidth', 'sinch'] as const;
export type Vocabulary = (typeof vocabularies)[number];

/** What is done about a failure: see facts/delivery-classes.json. */
export const deliveryClasses = [
  'throttled',
  'system',
  'recipient-temporary',
  'permanent',
  'opt-out',
  'sender-fault',
  'expired',
  'spam',
  'port-related',
  'ambiguous',
  'unknown',
] as const;
export type DeliveryClass = (typeof deliveryClasses)[number];

/** Our own codes: few, and stable, because callers build on them. */
export const ourCodes = [
  'carrier-throttled',
  'carrier-unavailable',
  'carrier-rejected',
  'recipient-unavailable',
  'recipient-unreachable',
  'recipient-unknown',
  'recipient-barred',
  'recipient-opted-out',
  'sender-not-accepted',
  'sender-not-enabled',
  'sender-unregistered',
  'request-not-accepted',
  'filtered',
  'routing-out-of-date',
  'expired-at-carrier',
  'answer-lost',
  'unknown',
] as const;
export type OurCode = (typeof ourCodes)[number];

export type Fault = 'recipient' | 'sender' | 'carrier' | 'network' | 'request';

/** R read at its source, K standard fact, U uncertain. */
export type Confidence = 'R' | 'K' | 'U';

/** What a carrier's code means. */
export interface DeliveryCode {
  readonly vocabulary: Vocabulary;
  /** As the carrier gave it; absent when it gave none. */
  readonly code?: string;
  readonly ours: OurCode;
  readonly class: DeliveryClass;
  /** The routing may have moved: look the numbers up before this is believed. */
  readonly portRelated: boolean;
  /** Whose fault; only a `permanent` failure by the `recipient` is a reason to stop sending to that number. */
  readonly fault: Fault;
  readonly meaning: string;
  /** What to do, for people. */
  readonly action: string;
  /** Where the meaning is from; absent for a code that no table has. */
  readonly source?: string;
  readonly confidence: Confidence;
}

interface Table {
  readonly source: string;
  readonly confidence: string;
  readonly rows: readonly {
    readonly codes: readonly string[];
    readonly ours: string;
    readonly class: string;
    readonly portRelated: boolean;
    readonly fault: string;
    readonly meaning: string;
    readonly action?: string;
    readonly source?: string;
    readonly confidence?: string;
  }[];
}

type Meaning = Omit<DeliveryCode, 'vocabulary' | 'code'>;

const actionOf = new Map(classes.rows.map((row) => [row.class, row.action]));

function index(table: Table): ReadonlyMap<string, Meaning> {
  const meanings = new Map<string, Meaning>();
  for (const { codes, ...row } of table.rows) {
    const meaning = { source: table.source, confidence: table.confidence, action: actionOf.get(row.class), ...row };
    // The tables' spelling of classes, codes and faults is proven by test/domain/delivery-codes.test.ts.
    for (const code of codes) meanings.set(code, meaning as Meaning);
  }
  return meanings;
}

const tables: Record<Vocabulary, ReadonlyMap<string, Meaning>> = {
  smpp: index(smpp),
  map: index(map),
  telnyx: index(telnyx),
  twilio: index(twilio),
  bandwidth: index(bandwidth),
  sinch: index(sinch),
};
const httpTable = index(http);
const stateTable = index(receiptStates);

const unlisted: Meaning = {
  ours: 'unknown',
  class: 'unknown',
  portRelated: false,
  fault: 'carrier',
  meaning: 'A code that is in none of our tables.',
  action: actionOf.get('unknown') ?? '',
  confidence: 'U',
};

/**
 * What a carrier's code means and what to do about it.
 *
 * A code is looked up in the carrier's vocabulary; `http-429` and the like, for answers without a code of their own, in a
 * table that all share. In `smpp` a code that is not hexadecimal is the `err:` of a receipt, which is the vendor's own:
 * it is read as a MAP cause, as most do, and marked uncertain. A MAP cause may carry its diagnostic: `1/2`.
 * A code in no table is `unknown` and shown raw; a receipt's state stands in for it where it says more.
 * @param code raw, as the carrier gave it
 * @param receiptState of the receipt that carried the code; `EXPIRED` outweighs the code, which only says why
 */
export function classifyCode(
  vocabulary: Vocabulary,
  code: string | undefined,
  receiptState?: ReceiptState,
): DeliveryCode {
  const byCode = code === undefined ? undefined : find(vocabulary, code.trim());
  const byState = receiptState && stateTable.get(receiptState);
  const given = code === undefined ? { vocabulary } : { vocabulary, code };
  if (receiptState === 'EXPIRED' && byState) {
    return { ...given, ...byState, portRelated: byCode?.portRelated ?? false };
  }
  return { ...given, ...(byCode ?? byState ?? unlisted) };
}

function find(vocabulary: Vocabulary, code: string): Meaning | undefined {
  if (code.startsWith('http-')) return httpTable.get(code);
  if (vocabulary === 'smpp') {
    const hex = /^0x0*([0-9a-f]+)$/i.exec(code)?.[1];
    if (hex !== undefined) return tables.smpp.get(`0x${hex.toLowerCase()}`);
    const cause = find('map', code);
    return cause && { ...cause, confidence: 'U' };
  }
  // Receipts pad their codes: «001».
  const plain = code.replace(/^0+(?=\d)/, '');
  const table = tables[vocabulary];
  const exact = table.get(plain);
  if (exact) return exact;
  for (let length = plain.length - 1; length > 0; length--) {
    const family = table.get(`${plain.slice(0, length)}*`);
    if (family) return family;
  }
  return undefined;
}
