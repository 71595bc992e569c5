import type { Carrier } from '../carriers/carrier.ts';
import { CarrierRefused } from '../carriers/errors.ts';
import type { OrderPapers, Paper } from '../carriers/order-papers.ts';
import type { DocumentKind } from '../domain/document-rules.ts';
import type { DocumentMetadata } from '../store/documents.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';

/** Which of a port's documents the papers of an order for texts alone are. */
const kinds: Readonly<Record<keyof OrderPapers, DocumentKind>> = { loa: 'loa', bill: 'invoice' };
/** Carriers read nothing else there. */
const contentType = 'application/pdf';

/** The papers of orders for texts alone: unlike those of a port they are part of the order, handed in together. */
export function createOrderPapers(store: Pick<Store, 'documents' | 'timeline' | 'vault'>) {
  /** Of each kind the newest that the carrier has not refused. */
  async function documentsOf(portId: string): Promise<Partial<Record<keyof OrderPapers, DocumentMetadata>>> {
    const usable = (await store.documents.ofPort(portId)).filter(
      (each) => each.state !== 'refused' && each.contentType === contentType,
    );
    const newest = (kind: DocumentKind) => usable.findLast((each) => each.kind === kind);
    const [loa, bill] = [newest(kinds.loa), newest(kinds.bill)];
    return { ...(loa && { loa }), ...(bill && { bill }) };
  }

  async function paper({ _id, kind }: DocumentMetadata): Promise<Paper> {
    const sealed = await store.documents.content(_id);
    if (!sealed) throw new Error(`Document ${_id} was deleted while it was handed in; try again.`);
    return { fileName: `${kind}.pdf`, contentType, content: store.vault.openBytes(sealed) };
  }

  async function papersOf(portId: string): Promise<OrderPapers> {
    const { loa, bill } = await documentsOf(portId);
    return { ...(loa && { loa: await paper(loa) }), ...(bill && { bill: await paper(bill) }) };
  }

  /** The carrier has them now. Its word on them is the state of the order. */
  async function noteHandedIn(portId: string, carrier: string, carrierOrderId: string): Promise<number> {
    const stored = Object.values(await documentsOf(portId)).filter((each) => each.state === 'stored');
    for (const { _id, kind, sha256 } of stored) {
      await store.timeline.append(portId, `document/${_id}/${carrierOrderId}/handed-over`, 0, [
        {
          at: new Date().toISOString(),
          actor: 'portsms',
          type: 'document.handed-over',
          detail: `${kind}, SHA-256 ${sha256}; ${carrier} has it with the order.`,
        },
      ]);
      const to = { state: 'handed-over', carrier, carrierDocumentId: carrierOrderId, reviewAt: undefined } as const;
      await store.documents.move(_id, 'stored', to);
    }
    return stored.length;
  }

  return {
    papersOf,
    noteHandedIn,

    /** Hands in what came after the order. @returns how many papers the carrier got now; with its code when it wants none now */
    async handIn(
      port: PortDocument,
      carrier: Carrier,
      carrierOrderId: string,
    ): Promise<{ readonly handedOver: number; readonly refused?: string }> {
      if (!carrier.hosting) return { handedOver: 0 };
      try {
        const { state } = await carrier.hosting.handIn(carrierOrderId, await papersOf(port._id));
        if (state === 'draft') return { handedOver: 0 };
      } catch (error) {
        if (!(error instanceof CarrierRefused)) throw error;
        return { handedOver: 0, refused: error.code };
      }
      return { handedOver: await noteHandedIn(port._id, carrier.settings.id, carrierOrderId) };
    },
  };
}
