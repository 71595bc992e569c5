import { createHash, randomUUID } from 'node:crypto';
import type { DocumentType } from '../world/business-number.ts';
import type { World } from '../world/world.ts';
import { unprocessable } from './errors.ts';
import type { Order } from './order.ts';

/** A document of our account, without its content. */
export interface Document {
  readonly id: string;
  readonly createdAt: string;
  readonly filename: string;
  readonly contentType: string;
  readonly size: number;
  readonly sha256: string;
  readonly customerReference: string | null;
  /** The order that it is linked to, and as what. */
  link?: { readonly orderId: string; readonly type: DocumentType; readonly at: number; readonly denied: boolean };
}

/** What is not linked to anything after this time is deleted. */
const UNLINKED_MS = 30 * 60_000;
const LARGEST = 20 * 1024 * 1024;
const SIGNATURES: readonly (readonly [contentType: string, extension: string, hex: string])[] = [
  ['application/pdf', 'pdf', '25504446'],
  ['image/jpeg', 'jpg', 'ffd8ff'],
  ['image/png', 'png', '89504e47'],
];

/** The documents service: uploads, their links to porting orders, and what its reviewers think of them. */
export class DocumentBook {
  readonly #world: World;
  readonly #documents = new Map<string, Document>();

  constructor(world: World) {
    this.#world = world;
    for (const each of world.state.keep('documents', () => [...this.#documents.values()]) ?? []) {
      this.#documents.set(each.id, each);
    }
  }

  /** @throws TelnyxFailure 422 for what is empty, too large or of a type that it doesn't take */
  upload(content: Buffer, filename: string, customerReference: string | null): Document {
    if (content.length === 0) throw unprocessable('The file is empty.', '/file');
    if (content.length > LARGEST) throw unprocessable('The file is larger than 20 MB.', '/file');
    const found = SIGNATURES.find(([, , hex]) => content.toString('hex', 0, hex.length / 2) === hex);
    if (!found) throw unprocessable('The type of the file is not accepted.', '/file');
    const [contentType, extension] = found;
    const name = filename.replace(/\s/g, '');
    const document: Document = {
      id: randomUUID(),
      createdAt: new Date().toISOString(),
      filename: name.endsWith(`.${extension}`) ? name : `${name}.${extension}`,
      contentType,
      size: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      customerReference,
    };
    this.#documents.set(document.id, document);
    this.#world.state.save();
    return document;
  }

  get(id: string): Document | undefined {
    const document = this.#documents.get(id);
    const expired = document && !document.link && Date.now() - Date.parse(document.createdAt) > UNLINKED_MS;
    if (expired) this.#documents.delete(id);
    return expired ? undefined : document;
  }

  /** Newest first. */
  all(): Document[] {
    return [...this.#documents.keys()].flatMap((id) => this.get(id) ?? []).reverse();
  }

  /** @throws TelnyxFailure 422 when there is no such document */
  link(id: string, order: Order, type: DocumentType, pointer: string): void {
    const document = this.get(id);
    if (!document) throw unprocessable('The document does not exist.', pointer);
    const denied = order.numbers.some(({ phoneNumber }) =>
      this.#world.numbers.get(phoneNumber)?.deniedDocuments?.includes(type),
    );
    document.link ??= { orderId: order.id, type, at: Date.now(), denied };
    this.#world.state.save();
  }

  status({ link }: Document): 'pending' | 'verified' | 'denied' {
    if (!link || Date.now() < link.at + this.#world.scenario.ports.documentReviewMs) return 'pending';
    return link.denied ? 'denied' : 'verified';
  }

  /** The kinds that an order has; what was denied counts as missing. */
  typesOf(order: Order): Set<string> {
    const linked = this.all().filter((each) => each.link?.orderId === order.id && this.status(each) !== 'denied');
    return new Set(linked.map((each) => each.link?.type ?? ''));
  }
}
