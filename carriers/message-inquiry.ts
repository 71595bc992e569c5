import type { ReceiptState } from '../domain/message.ts';

/** A segment that the carrier has accepted, as it is asked about. Personal data: never logged. */
export interface InquiredPart {
  /** The id as the carrier wrote it. */
  readonly givenId: string;
  /** The sender that it was submitted with: some carriers want to hear it again (SMPP 3.4 §4.8.1). */
  readonly from: string;
}

/** What the carrier says of a segment, as a receipt would. */
export interface PartFinding {
  readonly state: ReceiptState;
  /** The carrier's own error code, raw; absent on success. */
  readonly code?: string;
  /** The answer as it came, for people. */
  readonly raw: string;
}

/** Asking a carrier what became of segments whose receipt never came. Safe to repeat: nothing is sent to anybody. */
export interface MessageInquiry {
  /**
   * Asks about segments, some at a time.
   * @returns one for each, in their order; undefined where the carrier doesn't know it (any more) or didn't answer
   * @throws CarrierUnavailable when there is no connection
   */
  ask(parts: readonly InquiredPart[]): Promise<readonly (PartFinding | undefined)[]>;
}
