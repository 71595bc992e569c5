import type { Store } from '../store/store.ts';
import { contentHash } from '../store/vault.ts';
import type { Caller } from './authentication.ts';
import type { Answer } from './operation.ts';
import { Problem } from './problem.ts';

/** Set on an answer that was given before. */
export const replayedHeader = 'Idempotent-Replayed';

export type Idempotency = ReturnType<typeof createIdempotency>;

/**
 * The Idempotency-Key of a request.
 * @throws Problem `idempotency-key-invalid`
 */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,255}$/.test(header)) {
    throw new Problem('idempotency-key-invalid', 'Send 1 to 255 visible ASCII characters without blanks, e.g. a UUID.');
  }
  return header;
}

/** The same key and request → the first answer again; another request → 422; the first still running → 409. */
export function createIdempotency(store: Pick<Store, 'idempotency' | 'subjectKeys' | 'vault'>) {
  return {
    /**
     * Runs a request once per caller and key. What succeeded is kept; what was turned down had no effect, and what broke has
     * effects whose ids derive from the key, so both may be sent again under the same key.
     * @param about.request what makes two requests the same: method, address and body.
     */
    async once(
      about: { readonly caller: Caller; readonly key: string; readonly request: readonly unknown[] },
      run: () => Promise<Answer>,
    ): Promise<Answer> {
      const { vault, idempotency, subjectKeys } = store;
      const id = vault.deriveId('idem', about.caller.keyId, about.key);
      const begun = await idempotency.begin(id, requestFingerprint(vault, about.request));
      if (begun === 'different') throw keyReused();
      if (begun === 'running') {
        throw new Problem('request-in-progress', 'Wait a moment and send it again with the same Idempotency-Key.');
      }
      if (begun !== 'run') {
        await subjectKeys.loadFor([begun.body]);
        if (vault.isErased(begun.body)) {
          throw new Problem(
            'subject-erased',
            'What was answered then is gone. Make the request anew under another key.',
          );
        }
        const body: unknown = JSON.parse(vault.open(begun.body));
        return { status: begun.status, body, headers: { [replayedHeader]: 'true' } };
      }
      let answer: Answer;
      try {
        answer = await run();
      } catch (error) {
        await idempotency.abandon(id);
        throw error;
      }
      const content = JSON.stringify(answer.body);
      if (answer.about !== undefined) await subjectKeys.load([answer.about]);
      const body = answer.about === undefined ? vault.seal(content) : vault.sealFor(answer.about, content);
      await idempotency.finish(id, { status: answer.status, body });
      return answer;
    },
  };
}

/** Tells a repeated request from another one. Keyed, because a bare hash of a text and a number can be guessed. */
export function requestFingerprint(vault: Store['vault'], request: unknown): string {
  return vault.fingerprint('request', contentHash(request));
}

export function keyReused(): Problem {
  return new Problem('idempotency-key-reused', 'Send the first request unchanged, or take another key for this one.');
}
