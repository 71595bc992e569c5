/** How what the carrier took compares with what was held. */
export interface ReleaseReport {
  readonly held: number;
  /** Texts that the carrier never got. */
  readonly missing: number;
  /** Texts that it got more than once. */
  readonly doubled: number;
  /** Texts that came later than their turn by more than what is released at a time. */
  readonly late: number;
  /** By how many places a text came earlier or later than its turn, at most. */
  readonly greatestShift: number;
}

/** What is released at a time may overtake each other: submissions to a carrier run side by side. */
const window = 1500;

/**
 * @param inOrder the words of the held texts, in the order in which they are to go
 * @param taken the words that the carrier took, in the order in which it did
 */
export function releaseReport(inOrder: readonly string[], taken: readonly string[]): ReleaseReport {
  const turn = new Map(inOrder.map((words, index) => [words, index]));
  const times = new Map<string, number>();
  let [place, greatestShift, late] = [0, 0, 0];
  for (const words of taken) {
    const due = turn.get(words);
    if (due === undefined) continue;
    const seen = times.get(words) ?? 0;
    times.set(words, seen + 1);
    if (seen > 0) continue;
    greatestShift = Math.max(greatestShift, Math.abs(place - due));
    if (place - due > window) late += 1;
    place += 1;
  }
  return {
    held: inOrder.length,
    missing: inOrder.filter((words) => !times.has(words)).length,
    doubled: [...times.values()].filter((count) => count > 1).length,
    late,
    greatestShift,
  };
}
