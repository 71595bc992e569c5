import { createHash } from 'node:crypto';
import { fileTypeFromBuffer } from 'file-type';
import {
  type DocumentKind,
  documentContentTypes,
  documentDeletion,
  documentsPerPort,
  maximumDocumentBytes,
} from '../domain/document-rules.ts';
import type { Engine } from '../intake/engine.ts';
import type { DocumentMetadata } from '../store/documents.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import { randomId } from '../store/vault.ts';
import { Problem } from './problem.ts';
import type { SentContent } from './sent-content.ts';

export interface DocumentAcceptanceDependencies {
  readonly store: Pick<Store, 'documents' | 'timeline' | 'vault'>;
  readonly engine: Pick<Engine, 'correspondence'>;
}

/** A type that says nothing about the content. */
const undeclared: readonly string[] = ['application/octet-stream', 'application/x-www-form-urlencoded'];
const megabyte = 1024 * 1024;

/** Takes documents into a port's file: what carriers would not take is refused, and the timeline says so. */
export function createDocumentAcceptance({ store, engine }: DocumentAcceptanceDependencies) {
  /** @throws Problem */
  async function typeOf({ bytes, tooLarge, declaredType }: SentContent): Promise<string> {
    if (tooLarge) {
      throw new Problem(
        'document-too-large',
        `Carriers take at most ${maximumDocumentBytes / megabyte} MB; scan it with fewer dots or in grey, or split it.`,
      );
    }
    if (bytes.length === 0) {
      throw new Problem('document-empty', 'Send the file itself as the body, e.g. curl --data-binary @loa.pdf.');
    }
    const found = (await fileTypeFromBuffer(bytes))?.mime ?? '';
    if (!documentContentTypes.includes(found)) {
      throw new Problem(
        'document-type-not-allowed',
        `Send one of ${documentContentTypes.join(', ')}, the file itself as the body and not in a form; the content decides, not its name.`,
      );
    }
    if (declaredType !== undefined && !undeclared.includes(declaredType) && declaredType !== found) {
      throw new Problem(
        'document-content-mismatch',
        `Its content is ${found}; check that it is the right file, and send it under that Content-Type.`,
      );
    }
    return found;
  }

  async function keep(
    port: PortDocument,
    kind: DocumentKind,
    content: { bytes: Buffer; contentType: string; made?: DocumentMetadata['made'] },
  ): Promise<{ document: DocumentMetadata; isNew: boolean }> {
    const portId = port._id;
    const { bytes, contentType, made } = content;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const id = store.vault.deriveId('doc', portId, kind, sha256);
    const others = await store.documents.ofPort(portId);
    let document = others.find((each) => each._id === id);
    const isNew = document === undefined;
    if (!document) {
      if (others.length >= documentsPerPort) {
        throw new Problem('document-limit-reached', `A port has at most ${documentsPerPort}; send several in one PDF.`);
      }
      const storedAt = new Date();
      document = {
        _id: id,
        portId,
        kind,
        contentType,
        bytes: bytes.length,
        sha256,
        storedAt,
        deleteAt: documentDeletion(kind, storedAt),
        state: 'stored',
        stateSince: storedAt,
        ...(made && { made }),
      };
      await store.documents.insert(document, store.vault.sealBytes(bytes));
    }
    await store.timeline.append(portId, `document/${id}`, 0, [
      {
        at: document.storedAt.toISOString(),
        actor: 'caller',
        type: made ? 'document.made' : 'document.stored',
        detail: `${kind}, ${contentType}, ${bytes.length} bytes, SHA-256 ${sha256}.${made ? ` Signed text: SHA-256 ${made.signedTextSha256}.` : ''}`,
      },
    ]);
    return { document, isNew };
  }

  return {
    /**
     * Stores a document once, and has it handed over when the carrier has an order already.
     * @returns whether it is new: the same content and kind again is the same document
     * @throws Problem `document-…`, also noted in the timeline; `engine-unavailable` when it is stored and not on its way
     */
    async accept(
      port: PortDocument,
      kind: DocumentKind,
      content: SentContent,
      /** Tells the request apart: sent again it is noted once. */
      requestId = randomId('request'),
    ): Promise<{ document: DocumentMetadata; isNew: boolean }> {
      try {
        const contentType = await typeOf(content);
        const kept = await keep(port, kind, { bytes: content.bytes, contentType });
        await this.handOver(port);
        return kept;
      } catch (error) {
        if (error instanceof Problem && error.status < 500) {
          await store.timeline.append(port._id, `document-not-stored/${requestId}`, 0, [
            {
              at: new Date().toISOString(),
              actor: 'caller',
              type: 'document.not-stored',
              detail: `${kind}: ${error.code}. Nothing was stored.`,
            },
          ]);
        }
        throw error;
      }
    },

    /** Stores a letter that was made here. */
    async acceptMade(
      port: PortDocument,
      letter: { readonly pdf: Buffer; readonly made: NonNullable<DocumentMetadata['made']> },
    ): Promise<{ document: DocumentMetadata; isNew: boolean }> {
      const kept = await keep(port, 'loa', { bytes: letter.pdf, contentType: 'application/pdf', made: letter.made });
      await this.handOver(port);
      return kept;
    },

    /** The documents go to the carrier with the order; later ones by themselves. */
    async handOver(port: PortDocument): Promise<void> {
      if (port.carrierOrderId === undefined) return;
      try {
        await engine.correspondence(port._id);
      } catch (cause) {
        throw new Problem('engine-unavailable', 'The document is on record; repeat it to have it handed over.', {
          cause,
        });
      }
    },
  };
}
