import { type ErasureDependencies, erase } from '../../activities/erasure.ts';
import { type Operation, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { erasure, erasureParams, subjectExport as subjectExportSchema, subjectParams } from '../schemas/subjects.ts';
import { subjectExport } from '../subject-export.ts';
import { erasureView } from '../views/erasure-view.ts';

const tag = 'Privacy';

/** What a person whom we text may ask for: what is kept of them, and that it be erased. */
export function subjectOperations(dependencies: ErasureDependencies): Operation[] {
  const { store } = dependencies;
  const { erasures, numbers, subjectKeys, vault } = store;

  const read = operation({
    method: 'get',
    path: '/v1/subjects/:e164',
    summary: 'Export all that is kept of a person (GDPR Art. 15)',
    tag,
    params: subjectParams,
    answers: { 200: { description: 'Everything, also when that is nothing.', schema: subjectExportSchema } },
    async handle({ params: { e164 } }) {
      return { status: 200, contentType: 'application/json', body: subjectExport(e164, store, new Date()) };
    },
  });

  const remove = operation({
    method: 'delete',
    path: '/v1/subjects/:e164',
    summary: 'Erase a person (GDPR Art. 17)',
    description:
      'Destroys the key that numbers, texts, metadata and evidence of this person are sealed under, refuses texts that are on the way, ' +
      'waits for those that are being written, and keeps a tombstone: no marketing goes to the number until the person consents anew. Asked for again it gives the same proof.',
    tag,
    params: subjectParams,
    answers: { 200: { description: 'It is done; this is the proof.', schema: erasure } },
    problems: ['subject-is-own-number'],
    async handle({ params: { e164 }, caller }) {
      const subjectKey = vault.numberKey(e164);
      const number = await numbers.find(subjectKey);
      if (number?.own && number.routing.state !== 'gone') {
        throw new Problem(
          'subject-is-own-number',
          'It is one of your own numbers: the records of its port are kept as the law wants it. Port it out first.',
        );
      }
      const done = await erase(subjectKey, caller.keyId, dependencies);
      return { status: 200, body: erasureView(done, await subjectKeys.find(subjectKey), vault) };
    },
  });

  const proof = operation({
    method: 'get',
    path: '/v1/erasures/:id',
    summary: 'Read the proof of an erasure',
    tag,
    params: erasureParams,
    answers: { 200: { description: 'The proof.', schema: erasure } },
    problems: ['unknown-erasure'],
    async handle({ params: { id } }) {
      const found = await erasures.find(id);
      if (!found?.completedAt) {
        throw new Problem(
          'unknown-erasure',
          'Check the id; one that was cut off goes on when DELETE /v1/subjects/{e164} is called again.',
        );
      }
      return { status: 200, body: erasureView(found, await subjectKeys.find(found.subjectKey), vault) };
    },
  });

  return [read, remove, proof];
}
