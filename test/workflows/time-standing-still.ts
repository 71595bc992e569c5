import { setTimeout as sleep } from 'node:timers/promises';

/** How often the clock is looked at, and how often in a row it may have skipped nothing: a busy machine takes long for what happens meanwhile. */
const lookEveryMs = 3000;
const looksWithoutSkipping = 6;

/**
 * Waits for `sleeping`, which lasts as long as a clock that skips time needs; not forever when that clock has stopped skipping: then
 * it would end in the sleep's own hours or days.
 * @param now what the clock says, in milliseconds
 * @throws Error when the clock has gone no faster than real time for about 18 s
 */
export async function whileTimeIsSkipped(
  sleeping: Promise<void>,
  now: () => Promise<number>,
  everyMs = lookEveryMs,
): Promise<void> {
  const over = new AbortController();
  const watch = async () => {
    let last = await now();
    for (let still = 0; still < looksWithoutSkipping; ) {
      await sleep(everyMs, undefined, { signal: over.signal });
      const next = await now();
      still = next - last > 2 * everyMs ? 0 : still + 1;
      last = next;
    }
    throw new Error('The server has stopped skipping time: begin anew on another one.');
  };
  try {
    await Promise.race([sleeping, watch()]);
  } finally {
    over.abort();
  }
}
