import { randomId, type Vault } from '../store/vault.ts';
import type { Call } from './operation.ts';

/**
 * What an action of a caller is called towards the engine: repeated under the same Idempotency-Key it gives the first result again.
 * Who calls is part of it, and the workflow takes it from there (workflows/caller.ts).
 */
export function updateIdOf(
  { caller, idempotencyKey }: Pick<Call<unknown, unknown, unknown>, 'caller' | 'idempotencyKey'>,
  vault: Pick<Vault, 'deriveId'>,
): string {
  const prefix = `upd_${caller.keyId}`;
  return idempotencyKey === undefined ? randomId(prefix) : vault.deriveId(prefix, idempotencyKey);
}
