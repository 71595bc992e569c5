/** How long many repetitions took. */
export interface Timing {
  readonly count: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Milliseconds of one repetition. */
  readonly p50: number;
  readonly p99: number;
}

/** Times work that gives the milliseconds of each of its repetitions. */
export async function timingOf(work: () => Promise<readonly number[]>): Promise<Timing> {
  const begun = performance.now();
  const each = await work();
  return timingFrom(each, (performance.now() - begun) / 1000);
}

/** @param each milliseconds of each repetition @param seconds that all of them took together */
export function timingFrom(each: readonly number[], seconds: number): Timing {
  const sorted = [...each].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: each.length, seconds, perSecond: each.length / seconds, p50: at(0.5), p99: at(0.99) };
}

/** Does something `count` times, `inParallel` at a time. @returns what each gave, in the order of their beginnings. */
export async function atATime<T>(count: number, inParallel: number, act: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next++;
      results[index] = await act(index);
    }
  };
  await Promise.all(Array.from({ length: inParallel }, lane));
  return results;
}

/** Prints a title, and under it a line for each of the timings. */
export function reportTimings(title: string, timings: Readonly<Record<string, Timing>>): void {
  console.log(title);
  for (const [name, { count, perSecond, p50, p99 }] of Object.entries(timings)) {
    const figures = [`${perSecond.toFixed(0)}/s`, `p50 ${p50.toFixed(0)} ms`, `p99 ${p99.toFixed(0)} ms`, `n ${count}`];
    console.log(`  ${name.padEnd(28)}${figures.map((figure) => figure.padEnd(14)).join('')}`);
  }
}
