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

export const faults = ['recipient', 'sender', 'carrier', 'network', 'request'] as const satisfies readonly Fault[];

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

/** What a code means, without the code itself. */
export type Meaning = Omit<DeliveryCode, 'vocabulary' | 'code'>;

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

/** What is to be done about failures of a class, for people. */
export const actionOfClass = (deliveryClass: DeliveryClass): string => actionOf.get(deliveryClass) ?? '';

/** Where a listed code comes from: a vocabulary, the answers of HTTP that all share, or the state of a receipt. */
export type CodeList = Vocabulary | 'http' | 'receipt-state';

/** Every code that the tables list, for whoever wants to read them all; `5*` stands for what begins so and is not listed itself. */
export function listedCodes(): readonly (Meaning & { readonly vocabulary: CodeList; readonly code: string })[] {
  const lists: [CodeList, ReadonlyMap<string, Meaning>][] = [
    ...vocabularies.map((vocabulary): [CodeList, ReadonlyMap<string, Meaning>] => [vocabulary, tables[vocabulary]]),
    ['http', httpTable],
    ['receipt-state', stateTable],
  ];
  return lists.flatMap(([vocabulary, table]) =>
    [...table].map(([code, meaning]) => ({ vocabulary, code, ...meaning })),
  );
}

/**
 * One spelling for each code, so that it is counted and ruled about once: `0x0000000A` and `0x0a` are `0xa`, a receipt's `001` is `1`.
 */
export function plainCode(vocabulary: Vocabulary, code: string): string {
  const trimmed = code.trim();
  if (trimmed.startsWith('http-')) return trimmed;
  const hex = vocabulary === 'smpp' ? /^0x0*([0-9a-f]+)$/i.exec(trimmed)?.[1] : undefined;
  if (hex !== undefined) return `0x${hex.toLowerCase()}`;
  return trimmed.replace(/^0+(?=\d)/, '');
}

/**
 * What a carrier's code means and what to do about it.
 *
 * A code is looked up in the carrier's vocabulary; `http-429` and the like, for answers without a code of their own, in a
 * table that all share. In `smpp` a code that is not hexadecimal is the `err:` of a receipt, which is the vendor's own:
 * it is read as a MAP cause, as most do, and marked uncertain. A MAP cause may carry its diagnostic: `1/2`.
 * A code in no table is `unknown` and shown raw; a receipt's state stands in for it where it says more.
 * @param code raw, as the carrier gave it
 * @param receiptState of the receipt that carried the code; `EXPIRED` outweighs the code, which only says why
 * @param ruling what an operator has said of a code, by its plain spelling: it outweighs the tables (domain/delivery-rulings.ts)
 */
export function classifyCode(
  vocabulary: Vocabulary,
  code: string | undefined,
  receiptState?: ReceiptState,
  ruling?: (plain: string) => Meaning | undefined,
): DeliveryCode {
  const byCode =
    code === undefined ? undefined : (ruling?.(plainCode(vocabulary, code)) ?? find(vocabulary, code.trim()));
  const byState = receiptState && stateTable.get(receiptState);
  const given = code === undefined ? { vocabulary } : { vocabulary, code };
  if (receiptState === 'EXPIRED' && byState) {
    return { ...given, ...byState, portRelated: byCode?.portRelated ?? false };
  }
  return { ...given, ...(byCode ?? byState ?? unlisted) };
}

function find(vocabulary: Vocabulary, code: string): Meaning | undefined {
  const plain = plainCode(vocabulary, code);
  if (plain.startsWith('http-')) return httpTable.get(plain);
  if (vocabulary === 'smpp') {
    if (plain.startsWith('0x')) return tables.smpp.get(plain);
    const cause = find('map', code);
    return cause && { ...cause, confidence: 'U' };
  }
  const table = tables[vocabulary];
  const exact = table.get(plain);
  if (exact) return exact;
  for (let length = plain.length - 1; length > 0; length--) {
    const family = table.get(`${plain.slice(0, length)}*`);
    if (family) return family;
  }
  return undefined;
}
