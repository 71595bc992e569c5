import { canonical } from '../../domain/hash-chain.ts';
import type { ErasureDocument } from '../../store/erasures.ts';
import { keyLifeMs } from '../../store/key-ring.ts';
import type { SubjectKeyDocument } from '../../store/subject-keys.ts';
import type { Vault } from '../../store/vault.ts';
import type { ErasureAnswer } from '../schemas/subjects.ts';
import { moment } from './moment.ts';

/**
 * A completed erasure as a proof for the person, or for who asks in their name.
 * @param key what is left of the person's key
 */
export function erasureView(erasure: ErasureDocument, key: SubjectKeyDocument | null, vault: Vault): ErasureAnswer {
  const { keyDestroyedAt = erasure.requestedAt, completedAt = erasure.requestedAt, generation, erased } = erasure;
  const proof = {
    id: erasure._id,
    subject: erasure.subjectKey,
    requestedAt: moment(erasure.requestedAt),
    requestedBy: erasure.requestedBy,
    keyDestroyedAt: moment(keyDestroyedAt),
    effectiveAt: moment(new Date(keyDestroyedAt.getTime() + keyLifeMs)),
    completedAt: moment(completedAt),
    keyGeneration: generation,
    erased: erased ?? { texts: 0, inboundTexts: 0, consentEvents: 0, textsStopped: 0, lookUp: false },
    kept: [
      {
        what: 'tombstone',
        why: 'No marketing goes to the number until the person consents anew.',
        id: erasure.tombstoneId,
      },
      {
        what: 'consent-events',
        why: 'When a consent was given or revoked, for which sender and kinds, as the law wants it kept; without what was said and by whom.',
      },
      { what: 'texts', why: 'When each was sent, by which carrier, with which outcome; without number and words.' },
    ],
  };
  const keyDestroyed = !key || key.generation > generation || key.wrapped === undefined;
  return { ...proof, keyDestroyed, signature: vault.fingerprint('erasure', canonical(proof)) };
}
