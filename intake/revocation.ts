import type { ConsentEntry } from '../store/consents.ts';
import type { Store } from '../store/store.ts';
import { claimsWritten } from './written-claims.ts';

/**
 * Makes revocations hold that are in the ledger: when this resolves nothing that was claimed before them is still to be written, and what is
 * claimed after them is refused, because a sender reads the ledger after its claim (invariants 5 and 6). Notes in the ledger when that was.
 * Safe to repeat.
 */
export async function honourRevocations(
  revocations: readonly ConsentEntry[],
  store: Pick<Store, 'consents' | 'messages' | 'vault'>,
): Promise<void> {
  if (revocations.length === 0) return;
  const { consents, vault } = store;
  await claimsWritten([...new Set(revocations.map(({ subjectKey }) => subjectKey))], store);
  const at = new Date();
  await Promise.all(
    revocations.map(({ _id, subjectKey, senderKey, kinds }) =>
      consents.append({
        _id: vault.deriveId('con', 'honoured', _id),
        type: 'honoured',
        subjectKey,
        ...(senderKey !== undefined && { senderKey }),
        ...(kinds && { kinds }),
        basis: 'opt-out',
        source: 'clock',
        at,
        about: _id,
        evidence: vault.seal('{}'),
      }),
    ),
  );
}
