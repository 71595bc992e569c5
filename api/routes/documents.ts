import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Carrier } from '../../carriers/carrier.ts';
import { documentContentTypes, maximumDocumentBytes } from '../../domain/document-rules.ts';
import { composeLoa, isSameName, isWritable, signedText } from '../../domain/loa.ts';
import type { PortRequest } from '../../domain/port-request.ts';
import type { Store } from '../../store/store.ts';
import { createDocumentAcceptance, type DocumentAcceptanceDependencies } from '../document-acceptance.ts';
import { foundPort } from '../found-port.ts';
import { type Operation, operation } from '../operation.ts';
import { pastMoment } from '../past-moment.ts';
import { Problem } from '../problem.ts';
import { document, documentList, documentParams, documentQuery, loaRequest } from '../schemas/documents.ts';
import { portParams } from '../schemas/ports.ts';
import { documentHeaders, documentView } from '../views/document-view.ts';
import { loaPdf } from '../views/loa-pdf.ts';
import { missingOf } from '../views/port-view.ts';

const tag = 'Documents';

/** The papers of a port: letters of authorisation, invoices, what else a losing carrier asks for. */
export function documentOperations(
  dependencies: DocumentAcceptanceDependencies & {
    readonly store: Pick<Store, 'ports' | 'portPlans'>;
    readonly carriers: ReadonlyMap<string, Carrier>;
  },
): Operation[] {
  const { store, carriers } = dependencies;
  const { vault } = store;
  const acceptance = createDocumentAcceptance(dependencies);

  const find = (id: string) => foundPort(store, id);

  const upload = operation({
    method: 'post',
    path: '/v1/ports/:id/documents',
    summary: 'Add a document to a port',
    description:
      'The body is the file itself. What it is decides its content. The same file of the same kind is stored once. It is handed to the gaining carrier with the order, or at once when the order is there already.',
    tag,
    params: portParams,
    query: documentQuery,
    bytes: { limit: maximumDocumentBytes, types: documentContentTypes },
    answers: {
      200: { description: 'This document was there already.', schema: document },
      201: { description: 'The document is stored.', schema: document },
    },
    problems: [
      'unknown-port',
      'document-empty',
      'document-too-large',
      'document-type-not-allowed',
      'document-content-mismatch',
      'document-limit-reached',
      'engine-unavailable',
    ],
    async handle({ params, query, content, caller, idempotencyKey }) {
      const port = await find(params.id);
      if (!content) throw new Problem('document-empty', 'Send the file itself as the body.');
      const requestId =
        idempotencyKey === undefined ? undefined : vault.deriveId('request', caller.keyId, idempotencyKey);
      const kept = await acceptance.accept(port, query.kind, content, requestId);
      return { status: kept.isNew ? 201 : 200, body: documentView(kept.document, port.requestRevision) };
    },
  });

  const nameOf = (carrier: string) => carriers.get(carrier)?.settings.name ?? carrier;

  const make = operation({
    method: 'post',
    path: '/v1/ports/:id/documents/loa',
    summary: 'Make the letter of authorisation of a port, as PDF',
    description:
      "From the port's data as they are now, in the wording of the numbers' country, with the evidence of the signature. Make it anew after a supplement.",
    tag,
    params: portParams,
    body: loaRequest,
    answers: {
      200: { description: 'This letter was there already.', schema: document },
      201: { description: 'The letter is made and stored.', schema: document },
    },
    problems: [
      'unknown-port',
      'draft-incomplete',
      'loa-signatory-mismatch',
      'loa-script-not-supported',
      'document-limit-reached',
      'engine-unavailable',
    ],
    async handle({ params, body: { signature } }) {
      const port = await find(params.id);
      const missing = missingOf(port, vault)?.filter(({ path }) => path.startsWith('subscriber')) ?? [];
      if (missing.length > 0) {
        throw new Problem(
          'draft-incomplete',
          'The letter is written from the data of the subscriber: give that first.',
          {
            errors: missing,
          },
        );
      }
      const request = JSON.parse(vault.open(port.request)) as PortRequest;
      if (!isSameName(signature.name, request.subscriber.authorizedBy)) {
        throw new Problem('loa-signatory-mismatch', 'The losing carrier compares it with the authorised person.', {
          errors: [{ path: 'signature.name', message: 'Is not `subscriber.authorizedBy` of the port.' }],
        });
      }
      const signedAt = pastMoment('signature.signedAt', signature.signedAt, new Date());
      const loa = composeLoa({
        country: port.country,
        phoneNumbers: port.numbers.map((each) => vault.open(each.number)),
        portType: port.portType,
        request,
        gaining: nameOf(port.gainingCarrier),
        ...(port.losingCarrier !== undefined && { losing: nameOf(port.losingCarrier) }),
        reference: port._id,
        signatory: signature.name,
        signedAt,
      });
      if (!isWritable(signedText(loa) + Object.values(signature).join(''))) {
        throw new Problem(
          'loa-script-not-supported',
          'Letters are made in Latin, Greek and Cyrillic; upload one that was signed elsewhere.',
        );
      }
      const { pdf, signedTextSha256 } = await loaPdf(loa, signature, signedAt);
      const made = { requestRevision: port.requestRevision, signedTextSha256, signedAt };
      const kept = await acceptance.acceptMade(port, { pdf, made });
      return { status: kept.isNew ? 201 : 200, body: documentView(kept.document, port.requestRevision) };
    },
  });

  const list = operation({
    method: 'get',
    path: '/v1/ports/:id/documents',
    summary: 'List the documents of a port, oldest first',
    tag,
    params: portParams,
    answers: { 200: { description: 'What there is, without the contents.', schema: documentList } },
    problems: ['unknown-port'],
    async handle({ params }) {
      const port = await find(params.id);
      const documents = await store.documents.ofPort(port._id);
      return { status: 200, body: { data: documents.map((each) => documentView(each, port.requestRevision)) } };
    },
  });

  const read = operation({
    method: 'get',
    path: '/v1/ports/:id/documents/:documentId',
    summary: 'Download a document',
    tag,
    params: documentParams,
    answers: { 200: { description: 'The file.', schema: z.unknown(), bytesAs: documentContentTypes } },
    problems: ['unknown-port', 'unknown-document'],
    async handle({ params }) {
      const port = await find(params.id);
      const metadata = await store.documents.find(params.documentId);
      const content = metadata?.portId === port._id ? await store.documents.content(metadata._id) : undefined;
      if (!metadata || !content) {
        throw new Problem('unknown-document', 'Take an id of GET /v1/ports/:id/documents; it may have been deleted.');
      }
      const bytes = vault.openBytes(content);
      if (createHash('sha256').update(bytes).digest('hex') !== metadata.sha256) {
        throw new Error(`The content of document ${metadata._id} is not the one that was stored; restore it.`);
      }
      return { status: 200, body: bytes, contentType: metadata.contentType, headers: documentHeaders(metadata) };
    },
  });

  return [upload, make, list, read];
}
