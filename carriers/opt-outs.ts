/** A person whom a carrier lets a number write to no more. Personal data: never logged. */
export interface CarrierOptOut {
  /** E.164. */
  readonly recipient: string;
  /** What the person wrote, as the carrier kept it. */
  readonly keyword?: string;
  /** RFC 3339 UTC. */
  readonly at: string;
}

/**
 * A carrier's own list of opt-outs. Absent where it can't be read: then it is rebuilt from the ledger, the inbound texts and the codes.
 * Blocks of toll-free numbers sit in the network and stand in no list.
 */
export interface OptOutClient {
  /** Those of one number. @throws CarrierUnavailable */
  list(phoneNumber: string): AsyncIterable<CarrierOptOut>;
  /** Enters persons; absent where the carrier takes none. Safe to repeat. @throws CarrierUnavailable, CarrierRefused */
  add?(phoneNumber: string, recipients: readonly string[]): Promise<void>;
}
