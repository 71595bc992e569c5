import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `check` again and again until it doesn't throw.
 * @throws the signal's reason once it is aborted.
 */
export async function untilDone(check: () => Promise<void>, signal: AbortSignal, everyMs = 100): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await check();
    } catch {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Resolves once an HTTP GET is answered with 200. */
export function untilHttpOk(url: string, signal: AbortSignal): Promise<void> {
  return untilDone(async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`${url} answers ${response.status}`);
  }, signal);
}
