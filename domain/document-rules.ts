import rules from './facts/document-rules.json' with { type: 'json' };

/** What a document of a port is; the rules of each are data (facts/document-rules.json). */
export const documentKinds = ['loa', 'invoice', 'csr', 'identity', 'other'] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** Where a document stands: with us, with the carrier, and what the carrier said of it. */
export const documentStates = ['stored', 'handed-over', 'accepted', 'refused'] as const;
export type DocumentState = (typeof documentStates)[number];

/** The largest document, in bytes: the smallest of the carriers' limits. */
export const maximumDocumentBytes = rules.maximumBytes;
/** So many documents one port can have. */
export const documentsPerPort = rules.documentsPerPort;

const extensions: Readonly<Record<string, string | undefined>> = rules.contentTypes;

/** The types that carriers take, e.g. `application/pdf`. */
export const documentContentTypes: readonly string[] = Object.keys(rules.contentTypes);

/** How a file of that type ends, without a dot; undefined when carriers don't take it. */
export function documentExtension(contentType: string): string | undefined {
  return extensions[contentType];
}

/** When a document that was stored at `storedAt` is deleted. */
export function documentDeletion(kind: DocumentKind, storedAt: Date): Date {
  return new Date(storedAt.getTime() + rules.kinds[kind].keepDays * 24 * 3600_000);
}
