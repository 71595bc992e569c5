import type Telnyx from 'telnyx';
import type { HandedDocument, OrderDocument, OrderDocuments } from '../carrier.ts';
import { CarrierRefused, CarrierUnavailable } from '../errors.ts';
import { type Ask, asking } from './asking.ts';
import states from './document-states.json' with { type: 'json' };
import { asCarrierError, readFailure } from './failure.ts';

type CarrierDocument = Telnyx.DocServiceDocument;
type AdditionalType = 'loa' | 'invoice' | 'csr' | 'other';

const stateOf: Readonly<Record<string, string | undefined>> = states.states;
const stateOfScan: Readonly<Record<string, string | undefined>> = states.scans;
const typeOf: Readonly<Record<OrderDocument['kind'], string>> = states.types;

/**
 * Papers of a porting order: uploaded to the carrier's documents, then linked to the order, which has one place for a letter and one for
 * an invoice, and a list for all others. What is not linked within 30 minutes it deletes, so that an upload that was cut off leaves
 * nothing behind.
 */
export class TelnyxDocuments implements OrderDocuments {
  readonly #carrier: string;
  readonly #client: Telnyx;
  readonly #ask: Ask;

  constructor(carrier: string, client: Telnyx) {
    this.#carrier = carrier;
    this.#client = client;
    this.#ask = asking(carrier);
  }

  async attach(carrierOrderId: string, documents: readonly OrderDocument[]): Promise<Map<string, HandedDocument>> {
    const handed = new Map<string, HandedDocument>();
    for (const document of documents) handed.set(document.reference, await this.#upload(document));
    const idOf = ({ reference }: OrderDocument) => handed.get(reference)?.carrierDocumentId ?? '';

    const placed = await this.#place(carrierOrderId, documents, idOf);
    const others = documents.filter((document) => !placed.has(document));
    if (others.length > 0) await this.#addToList(carrierOrderId, others, idOf);
    return handed;
  }

  async review(carrierDocumentIds: readonly string[]): Promise<HandedDocument[]> {
    const reviewed: HandedDocument[] = [];
    for (const id of carrierDocumentIds) {
      const document = await this.#find(id);
      if (document) reviewed.push(handedOf(document));
    }
    return reviewed;
  }

  /**
   * Puts the newest letter and the newest invoice into the order's own places.
   * @returns those that have one; none while the order can't be edited: then the list takes them, too
   */
  async #place(
    orderId: string,
    documents: readonly OrderDocument[],
    idOf: (document: OrderDocument) => string,
  ): Promise<ReadonlySet<OrderDocument>> {
    const newest = new Map(
      documents.flatMap((each): [string, OrderDocument][] =>
        states.places.includes(each.kind) ? [[each.kind, each]] : [],
      ),
    );
    if (newest.size === 0) return new Set();
    const places = Object.fromEntries([...newest].map(([kind, document]) => [kind, idOf(document)]));
    try {
      await this.#ask('attach the documents', () => this.#client.portingOrders.update(orderId, { documents: places }));
    } catch (error) {
      if (error instanceof CarrierRefused) return new Set();
      throw error;
    }
    return new Set(newest.values());
  }

  async #upload(document: OrderDocument): Promise<HandedDocument> {
    const known =
      document.carrierDocumentId === undefined
        ? await this.#findByReference(document.reference)
        : await this.#find(document.carrierDocumentId);
    if (known) return handedOf(known);
    const file = (await document.content()).toString('base64');
    const { data } = await this.#ask('take a document', () =>
      this.#client.documents.uploadJson({
        document: { file, filename: document.fileName, customer_reference: document.reference },
      }),
    );
    if (!data?.id)
      throw new CarrierUnavailable(`Carrier ${this.#carrier} answered without a document; try again later.`);
    return handedOf(data);
  }

  async #addToList(orderId: string, documents: readonly OrderDocument[], idOf: (document: OrderDocument) => string) {
    const listed = await this.#ask('list the documents of the order', async () => {
      const ids = new Set<string>();
      for await (const each of this.#client.portingOrders.additionalDocuments.list(orderId)) {
        if (each.document_id) ids.add(each.document_id);
      }
      return ids;
    });
    const missing = documents.filter((document) => !listed.has(idOf(document)));
    if (missing.length === 0) return;
    await this.#ask('attach the documents', () =>
      this.#client.portingOrders.additionalDocuments.create(orderId, {
        additional_documents: missing.map((document) => ({
          document_id: idOf(document),
          document_type: typeOf[document.kind] as AdditionalType,
        })),
      }),
    );
  }

  async #findByReference(reference: string): Promise<CarrierDocument | undefined> {
    const { data } = await this.#ask('find a document', () =>
      this.#client.documents.list({ filter: { customer_reference: { eq: reference } } }),
    );
    return data.find((document) => document.customer_reference === reference);
  }

  async #find(id: string): Promise<CarrierDocument | undefined> {
    try {
      return (await this.#client.documents.retrieve(id)).data;
    } catch (error) {
      const failure = readFailure(error);
      if (failure.kind === 'refused' && (failure.code === '10005' || failure.code === 'http-404')) return undefined;
      throw asCarrierError(error, this.#carrier, 'read a document');
    }
  }
}

/** An unknown state is none that decides anything: it is asked again. */
function handedOf({ id = '', status, av_scan_status: scan }: CarrierDocument): HandedDocument {
  const state = stateOfScan[scan ?? ''] ?? stateOf[status ?? ''] ?? 'handed-over';
  return { carrierDocumentId: id, state: state as HandedDocument['state'] };
}
