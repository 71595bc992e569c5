import type { Part } from '../text/concatenation.ts';
import type { LedgerEntry } from '../world/ledger.ts';
import type { CarrierId } from '../world/networks.ts';

/** What a carrier has accepted: one segment, or a whole text where the protocol takes those. */
export interface Segment {
  readonly carrier: CarrierId;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly part?: Part;
  readonly carrierMessageId: string;
  readonly userMessageReference?: number;
  /** Milliseconds since 1970; later it must not reach the handset. */
  readonly validUntil?: number;
  /** The same for each submission of the same segment, but for its count: what decisions by lot hang on. */
  readonly identity: string;
}

/** The states of SMPP 3.4 appendix B that end a text. */
export type FinalState = 'DELIVRD' | 'EXPIRED' | 'DELETED' | 'UNDELIV' | 'REJECTD';

/** How a segment ended, as its carrier reports it. */
export interface Fate {
  readonly state: FinalState;
  /** The carrier's own code; absent on success. */
  readonly code?: string;
  /** The report is wrong: nothing has arrived. */
  readonly untrue?: boolean;
}

/** How a receipt is sent. */
export interface ReceiptManner {
  readonly never: boolean;
  readonly twice: boolean;
  readonly afterMs: number;
}

/** What decisions by lot about one submission hang on: the same again for the same segment and the same number of tries. */
export function identityOf(carrier: string, from: string, to: string, text: string, attempt: number): string {
  return [carrier, from, to, text, attempt].join('\u0000');
}

/** Which try of its segment an identity is about. */
export function attemptOf(identity: string): number {
  return Number(identity.slice(identity.lastIndexOf('\u0000') + 1));
}

/** A segment as the ledger's `accepted` has it. */
export function segmentOf(entry: LedgerEntry): Segment {
  const { carrier = '', from = '', to = '', text = '', part, userMessageReference, attempt = 1 } = entry;
  return {
    carrier: carrier as CarrierId,
    from,
    to,
    text,
    part,
    userMessageReference,
    carrierMessageId: entry.carrierMessageId ?? '',
    validUntil: entry.validUntil === undefined ? undefined : Date.parse(entry.validUntil),
    identity: identityOf(carrier, from, to, text, attempt),
  };
}
