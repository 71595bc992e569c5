/** What a portability database says of one number. */
export interface PortabilityRecord {
  readonly ported: boolean;
  /** Location routing number, E.164, where the country uses them. */
  readonly lrn?: string;
  /** Service provider id that voice is routed to. */
  readonly spid?: string;
  readonly carrierName?: string;
  /** Mobile country and network code of the serving network, 5 or 6 digits (ITU-T E.212). */
  readonly mccMnc?: string;
  readonly type?: 'mobile' | 'fixed' | 'toll-free' | 'voip';
  /** When it was last ported, RFC 3339 UTC, where the database says so; often no more than the day. */
  readonly portedAt?: string;
  /** Which look-up answered, e.g. `enum` or `telnyx`. */
  readonly source: string;
  /** RFC 3339 UTC. */
  readonly at: string;
}

export interface PortabilityDatabase {
  readonly name: string;
  /**
   * Dips one number.
   * @param phoneNumber E.164
   * @returns undefined when the database does not know the number
   * @throws PortabilityUnavailable when it does not answer within its deadline
   */
  lookUp(phoneNumber: string): Promise<PortabilityRecord | undefined>;
}

/** The database can't be reached or is too slow; the message says which. */
export class PortabilityUnavailable extends Error {
  override readonly name = 'PortabilityUnavailable';
}
