/** One arrival of a text among equal ones (same sender, recipient and wording). */
export interface Arrival {
  /** Ours, unique for each arrival. */
  readonly textId: string;
  readonly carrier: string;
  readonly at: Date;
}

/** How long equal texts from different carriers are taken for copies of one, in milliseconds. */
export const copyWindowMs = 2 * 60_000;

/**
 * Tells a copy from a new text, while two carriers deliver the same number's texts.
 *
 * Each carrier delivers a text once: what it delivers twice was sent twice (people do answer «1» twice). So an arrival is a
 * copy of the oldest text in the window that its carrier has not delivered yet, and new when there is none. Of equal texts
 * within the window as many are new as the busiest carrier delivered: none of them is lost, and none is doubled as long as
 * one carrier delivers all.
 * @param arrivals all equal ones in the order in which they were entered; what is entered later never changes the answer
 * @returns the id of the text that this one is a copy of; undefined when it is new
 * @throws RangeError when the text is not among the arrivals
 */
export function copyAmong(arrivals: readonly Arrival[], textId: string): string | undefined {
  const texts: { readonly original: Arrival; readonly carriers: Set<string> }[] = [];
  const seen = new Set<string>();
  for (const arrival of arrivals) {
    if (seen.has(arrival.textId)) continue;
    seen.add(arrival.textId);
    const text = texts.find(
      ({ original, carriers }) =>
        !carriers.has(arrival.carrier) && Math.abs(arrival.at.getTime() - original.at.getTime()) <= copyWindowMs,
    );
    if (text) text.carriers.add(arrival.carrier);
    else texts.push({ original: arrival, carriers: new Set([arrival.carrier]) });
    if (arrival.textId === textId) return text?.original.textId;
  }
  throw new RangeError('The text is not among the arrivals: enter it before asking whether it is a copy.');
}
