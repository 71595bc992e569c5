import { setTimeout as sleep } from 'node:timers/promises';

const patienceMs = 60_000;
const answerWithinMs = 15_000;
const firstPauseMs = 200;
const longestPauseMs = 2_000;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * Makes a request, again while the other side is away or says that it can't answer now. Who changes something with it gives it an
 * Idempotency-Key: an answer may have been lost on its way.
 * @throws Error for an answer that a repetition doesn't change, or after a minute without any
 */
export async function repeatedRequest<Answer>({ method, url, headers, body }: HttpRequest): Promise<Answer> {
  const giveUpAt = Date.now() + patienceMs;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    const outcome = await once(
      new Request(url, {
        method,
        headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(answerWithinMs),
      }),
    );
    if ('answer' in outcome) return outcome.answer as Answer;
    if (!outcome.passing || Date.now() + pause > giveUpAt) throw new Error(`${method} ${url}: ${outcome.trouble}`);
    await sleep(pause);
  }
}

type Outcome = { readonly answer: unknown } | { readonly trouble: string; readonly passing: boolean };

async function once(request: Request): Promise<Outcome> {
  try {
    const response = await fetch(request);
    const text = await response.text();
    if (response.ok) return { answer: text === '' ? undefined : JSON.parse(text) };
    // The first request under the same key is still being answered.
    const underWay = response.status === 409 && text.includes('request-in-progress');
    return {
      trouble: `answered ${response.status} ${text.slice(0, 500)}`,
      passing: response.status >= 500 || response.status === 429 || underWay,
    };
  } catch (error) {
    const { message, cause } = error as Error;
    return { trouble: cause instanceof Error ? `${message} (${cause.message})` : message, passing: true };
  }
}
