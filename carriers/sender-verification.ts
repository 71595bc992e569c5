/** What a carrier says of a sender that it has to verify before it takes its texts. */
export type SenderVerification = 'verified' | 'pending' | 'refused';

/** Toll-free senders: each gaining carrier has them verified anew, and blocks their texts until then. */
export interface SenderVerificationClient {
  /** Those of these numbers for which verification was asked here; the others never were. */
  verificationsOf(phoneNumbers: readonly string[]): Promise<ReadonlyMap<string, SenderVerification>>;
}
