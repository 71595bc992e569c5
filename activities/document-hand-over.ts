import type { Carrier, HandedDocument, OrderDocument } from '../carriers/carrier.ts';
import { CarrierRefused } from '../carriers/errors.ts';
import { documentExtension } from '../domain/document-rules.ts';
import type { DocumentMetadata } from '../store/documents.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import { createOrderPapers } from './order-papers.ts';

/** A carrier is asked what it thinks of a document first after this time, then after twice as long each time, up to the last. */
const reviewMs = { first: 5 * 60_000, last: 6 * 3600_000 };
/** A carrier that has said nothing by then reviews no documents, or has ended the order. */
const reviewHopeMs = 30 * 24 * 3600_000;

/** Gives carriers the documents of ports, and follows what they say of them. All of it is safe to repeat. */
export function createDocumentHandOver(store: Pick<Store, 'documents' | 'timeline' | 'vault'>) {
  const orderPapers = createOrderPapers(store);

  /** Writes down what a carrier says of a document. @returns whether that is new */
  async function note(document: DocumentMetadata, carrier: string, said: HandedDocument): Promise<boolean> {
    const { carrierDocumentId, state } = said;
    const age = Date.now() - (document.carrierDocumentId ? document.stateSince.getTime() : Date.now());
    const reviewAt =
      state === 'handed-over' && age < reviewHopeMs
        ? new Date(Date.now() + Math.min(reviewMs.last, Math.max(reviewMs.first, age)))
        : undefined;
    if (document.state === state && document.carrierDocumentId === carrierDocumentId) {
      if (state === 'handed-over') await store.documents.reviewAgain(document._id, reviewAt);
      return false;
    }
    // The step first: who repeats this after a crash finds the state moved.
    await store.timeline.append(document.portId, `document/${document._id}/${carrierDocumentId}/${state}`, 0, [
      {
        at: new Date().toISOString(),
        actor: state === 'handed-over' ? 'portsms' : 'carrier',
        type: `document.${state}`,
        detail: `${document.kind}, SHA-256 ${document.sha256}; at ${carrier} it is ${carrierDocumentId}.`,
      },
    ]);
    return store.documents.move(document._id, document.state, { state, carrier, carrierDocumentId, reviewAt });
  }

  function asOrderDocument(document: DocumentMetadata): OrderDocument {
    const { _id: reference, kind, contentType, carrierDocumentId } = document;
    return {
      reference,
      kind,
      contentType,
      fileName: `${kind}-${reference}.${documentExtension(contentType) ?? 'bin'}`,
      ...(carrierDocumentId !== undefined && { carrierDocumentId }),
      async content() {
        const sealed = await store.documents.content(reference);
        if (!sealed) throw new Error(`Document ${reference} was deleted while it was handed over; try again.`);
        return store.vault.openBytes(sealed);
      },
    };
  }

  return {
    /** @returns how many documents the carrier got now; with its code when it wants none now, which the timeline says, too */
    async handOver(
      port: PortDocument,
      carrier: Carrier,
      carrierOrderId: string,
    ): Promise<{ readonly handedOver: number; readonly refused?: string }> {
      if (port.messagingPlan === 'messaging-only') return orderPapers.handIn(port, carrier, carrierOrderId);
      const { id } = carrier.settings;
      // What it has refused does not come again; a better one is another document.
      const documents = (await store.documents.ofPort(port._id)).filter((each) => each.state !== 'refused');
      const missing = documents.filter((each) => each.state === 'stored');
      const [first] = missing;
      if (!first) return { handedOver: 0 };
      if (!carrier.porting?.documents) {
        await store.timeline.append(port._id, 'documents-by-hand', 0, [
          {
            at: new Date().toISOString(),
            actor: 'portsms',
            type: 'document.by-hand',
            detail: `Carrier ${id} takes no documents by its interface: send them to its support.`,
          },
        ]);
        return { handedOver: 0 };
      }
      let handed: ReadonlyMap<string, HandedDocument>;
      try {
        handed = await carrier.porting.documents.attach(carrierOrderId, documents.map(asOrderDocument));
      } catch (error) {
        if (!(error instanceof CarrierRefused)) throw error;
        await store.timeline.append(port._id, `document/${first._id}/not-taken/${error.code}`, 0, [
          {
            at: new Date().toISOString(),
            actor: 'carrier',
            type: 'document.not-taken',
            detail: `Carrier ${id} takes no documents of this order now (${error.code}); they stay stored.`,
          },
        ]);
        return { handedOver: 0, refused: error.code };
      }
      for (const document of missing) {
        const said = handed.get(document._id);
        if (said) await note(document, id, said);
      }
      return { handedOver: missing.length };
    },

    /** Asks a carrier about the documents that it has not said its word about. @returns of how many it has now */
    async review(carrier: Carrier, limit: number): Promise<number> {
      const papers = carrier.porting?.documents;
      if (!papers) return 0;
      const { id } = carrier.settings;
      const documents = await store.documents.toReview(id, new Date(), limit);
      const said = await papers.review(documents.flatMap(({ carrierDocumentId: each }) => each ?? []));
      const saidOf = new Map(said.map((each) => [each.carrierDocumentId, each]));
      let news = 0;
      for (const document of documents) {
        const carrierDocumentId = document.carrierDocumentId ?? '';
        // One that it doesn't know any more has gone with its order.
        const now = saidOf.get(carrierDocumentId) ?? { carrierDocumentId, state: 'handed-over' as const };
        if (await note(document, id, now)) news += 1;
      }
      return news;
    },
  };
}
