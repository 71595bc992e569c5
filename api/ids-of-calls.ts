import { randomId, type Vault } from '../store/vault.ts';
import type { Call } from './operation.ts';

type CallWithKey = Pick<Call<unknown, unknown, unknown>, 'caller' | 'idempotencyKey'>;

/** The id of what a call makes: of a repetition under the same Idempotency-Key the same (invariant 4). */
export function idOf(prefix: string, { caller, idempotencyKey }: CallWithKey, vault: Pick<Vault, 'deriveId'>): string {
  return idempotencyKey === undefined ? randomId(prefix) : vault.deriveId(prefix, caller.keyId, idempotencyKey);
}

/**
 * What an action of a caller is called towards the engine: repeated under the same Idempotency-Key it gives the first result again.
 * Who calls is part of it, and the workflow takes it from there (workflows/caller.ts).
 */
export function updateIdOf({ caller, idempotencyKey }: CallWithKey, vault: Pick<Vault, 'deriveId'>): string {
  const prefix = `upd_${caller.keyId}`;
  return idempotencyKey === undefined ? randomId(prefix) : vault.deriveId(prefix, idempotencyKey);
}
