const fnvOffset = 0x811c9dc5;
const fnvPrime = 0x01000193;

/** FNV-1a of 32 bits over UTF-16 units (draft-eastlake-fnv): spreads similar ids widely and needs nothing but arithmetic. */
function hash(text: string): number {
  let value = fnvOffset;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), fnvPrime);
  }
  return value >>> 0;
}

/**
 * The `user_message_reference` (SMPP 3.4 §5.3.2.17) of each segment of a submission: a number of 16 bits, never 0.
 *
 * It is computed and not stored, so that a receipt can be recognised even when the process died between writing to the
 * carrier and writing to the store: whoever looks computes it again for each candidate. The segments of one submission
 * have different numbers; two submissions share one by chance of about segments / 65,535, hence a match must also fit
 * recipient and carrier.
 * @param attempt 1 for the first
 * @param parts number of segments
 */
export function userMessageReferences(messageId: string, attempt: number, parts: number): number[] {
  const value = hash(`${messageId}/${attempt}`);
  const folded = (value >>> 16) ^ (value & 0xffff);
  return Array.from({ length: parts }, (_, part) => 1 + ((folded + part) % 0xffff));
}
