import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Does something again and again until told to stop; one round begins when the one before has ended.
 * @param pauseMs between rounds
 * @param failed told of a round that threw; the next one comes all the same
 * @returns resolves when the last round has ended
 */
export async function every(
  pauseMs: number,
  signal: AbortSignal,
  round: () => Promise<void>,
  failed: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    await round().catch(failed);
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
