/**
 * A number in [0, 1) that is the same for the same text and try: whoever decides twice decides alike. FNV-1a (32 bits) with the final mix of
 * MurmurHash3, because ids that differ in their last digit must not draw neighbouring lots.
 */
export function lotOf(messageId: string, tries: number): number {
  let hash = 0x811c9dc5;
  for (const letter of `${messageId}/${tries}`) {
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
