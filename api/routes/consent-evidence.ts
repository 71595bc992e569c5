import { consentEvidence, type EvidenceStores } from '../consent-evidence.ts';
import { type Operation, operation } from '../operation.ts';
import { evidenceBundle, evidenceQuery } from '../schemas/consent-evidence.ts';
import { evidenceReport } from '../views/evidence-report.ts';

const types = { json: 'application/json', pdf: 'application/pdf' } as const;

/** What can be shown to whoever asks why a person was texted. */
export function consentEvidenceOperations({ store }: { readonly store: EvidenceStores }): Operation[] {
  const read = operation({
    method: 'get',
    path: '/v1/consents/evidence',
    summary: 'Show why a person was texted',
    description:
      'The whole chain of consents and revocations of one person with its verification, what they were told, and every text to them with the decision about it.',
    tag: 'Consents',
    query: evidenceQuery,
    answers: { 200: { description: 'The bundle.', schema: evidenceBundle, alsoAs: types.pdf } },
    async handle({ query: { phoneNumber, format }, accepts }) {
      const bundle = await consentEvidence(phoneNumber, store, new Date());
      const type = format ? types[format] : accepts(Object.values(types));
      if (type !== types.pdf) return { status: 200, body: bundle };
      return { status: 200, contentType: types.pdf, body: await evidenceReport(bundle) };
    },
  });
  return [read];
}
