import { documentExtension } from '../../domain/document-rules.ts';
import type { DocumentMetadata } from '../../store/documents.ts';
import type { DocumentAnswer } from '../schemas/documents.ts';
import { moment } from './moment.ts';

/** @param requestRevision the port's present one */
export function documentView(each: DocumentMetadata, requestRevision: number): DocumentAnswer {
  const { _id: id, kind, contentType, bytes, sha256, state, carrier, carrierDocumentId, made } = each;
  return {
    id,
    kind,
    contentType,
    bytes,
    sha256,
    storedAt: moment(each.storedAt),
    deleteAt: moment(each.deleteAt),
    state,
    stateSince: moment(each.stateSince),
    carrier,
    carrierDocumentId,
    ...(made && {
      signedAt: moment(made.signedAt),
      signedTextSha256: made.signedTextSha256,
      outdated: made.requestRevision < requestRevision,
    }),
    links: { content: `/v1/ports/${each.portId}/documents/${id}` },
  };
}

/** A stored file for whoever downloads it: saved, never shown or run in the place of our pages. */
export function documentHeaders({ _id, kind, contentType, sha256 }: DocumentMetadata): Record<string, string> {
  return {
    'Content-Disposition': `attachment; filename="${kind}-${_id}.${documentExtension(contentType) ?? 'bin'}"`,
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cross-Origin-Resource-Policy': 'same-origin',
    // RFC 9530
    'Repr-Digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
  };
}
