import type { Sealed, Vault } from '../store/vault.ts';

/**
 * Seals what shows that a person said no, as others tell it: a carrier, or a text of before. Of who has been erased the number is left out;
 * the key of the ledger's chain still tells whose no it is. `subjectKeys.loadUnlessErased` was called right before.
 * @param evidence names nobody but by `phoneNumber`
 */
export function sealEvidence(
  subjectKey: string,
  { phoneNumber, ...rest }: { readonly phoneNumber: string | undefined } & Readonly<Record<string, unknown>>,
  vault: Pick<Vault, 'erasureOf' | 'seal' | 'sealFor'>,
): Sealed {
  if (vault.erasureOf(subjectKey) === 'standing') return vault.seal(JSON.stringify(rest));
  return vault.sealFor(subjectKey, JSON.stringify({ phoneNumber, ...rest }));
}
