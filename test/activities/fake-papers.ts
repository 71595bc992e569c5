import type {
  CarrierComment,
  HandedDocument,
  OrderComments,
  OrderDocument,
  OrderDocuments,
} from '../../carriers/carrier.ts';

/** A carrier's documents in memory. */
export class FakeDocuments implements OrderDocuments {
  readonly uploaded = new Map<string, { content: string; state: HandedDocument['state']; id: string }>();
  readonly attached: string[][] = [];
  failure: Error | undefined;

  async attach(_orderId: string, documents: readonly OrderDocument[]): Promise<Map<string, HandedDocument>> {
    if (this.failure) throw this.failure;
    this.attached.push(documents.map(({ reference }) => reference));
    for (const { reference, content } of documents) {
      if (this.uploaded.has(reference)) continue;
      const text = (await content()).toString('utf8');
      this.uploaded.set(reference, { content: text, state: 'handed-over', id: `at-carrier-${this.uploaded.size + 1}` });
    }
    return new Map(
      documents.flatMap(({ reference }) => {
        const each = this.uploaded.get(reference);
        return each ? [[reference, { carrierDocumentId: each.id, state: each.state }] as const] : [];
      }),
    );
  }

  async review(ids: readonly string[]): Promise<HandedDocument[]> {
    if (this.failure) throw this.failure;
    return [...this.uploaded.values()]
      .filter(({ id }) => ids.includes(id))
      .map(({ id, state }) => ({ carrierDocumentId: id, state }));
  }
}

/** A carrier's comments in memory. */
export class FakeComments implements OrderComments {
  readonly written: CarrierComment[] = [];
  /** Thrown instead of taking one. */
  failure: Error | undefined;
  /** Thrown after one was taken: its answer is lost. */
  lost: Error | undefined;
  readonly since: string[] = [];
  commented: string[] = [];

  async list(): Promise<CarrierComment[]> {
    return [...this.written];
  }

  async add(_orderId: string, text: string): Promise<CarrierComment> {
    if (this.failure) throw this.failure;
    const comment = this.write('us', text);
    if (this.lost) throw this.lost;
    return comment;
  }

  async listCommentedOrders(since: string): Promise<string[]> {
    this.since.push(since);
    if (this.failure) throw this.failure;
    return this.commented;
  }

  write(from: CarrierComment['from'], text: string, at = new Date().toISOString()): CarrierComment {
    const comment = { id: `c-${this.written.length + 1}`, text, at, from };
    this.written.push(comment);
    return comment;
  }
}
