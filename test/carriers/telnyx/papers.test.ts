import { afterEach, describe, expect, it } from 'vitest';
import type { OrderDocument } from '../../../carriers/carrier.ts';
import { CarrierRefused, CarrierUnavailable } from '../../../carriers/errors.ts';
import { telnyxClient } from '../../../carriers/telnyx/client.ts';
import { TelnyxPorting } from '../../../carriers/telnyx/porting.ts';
import { type ApiRequest, startTelnyxApi } from './telnyx-api.ts';

const page = (data: object[]) => ({
  data,
  meta: { page_number: 1, page_size: 250, total_pages: 1, total_results: data.length },
});

/** Documents, the order's places for them, comments and events, as far as the client relies on them. */
class Papers {
  readonly documents: Record<string, unknown>[] = [];
  readonly listed: Record<string, unknown>[] = [];
  places: Record<string, unknown> = {};
  editable = true;
  comments: Record<string, unknown>[] = [];
  readonly calls: string[] = [];
  failNext: string | undefined;
  eventFilter: Record<string, string> = {};

  readonly route = ({ method, path, query, body }: ApiRequest) => {
    const [, , resource, id, part] = path.split('/');
    const call = [method, resource, part].filter(Boolean).join(' ');
    this.calls.push(call);
    if (this.failNext === call) {
      this.failNext = undefined;
      return { status: 503 };
    }
    if (call === 'POST documents') return { status: 200, body: { data: this.upload(body as { file: string }) } };
    if (call === 'GET documents' && !id) {
      const reference = query.get('filter[customer_reference][eq]');
      return { status: 200, body: page(this.documents.filter((each) => each.customer_reference === reference)) };
    }
    if (call === 'GET documents') {
      const data = this.documents.find((each) => each.id === id);
      return data ? { status: 200, body: { data } } : undefined;
    }
    if (call === 'PATCH porting_orders') {
      if (!this.editable) return { status: 422, body: { errors: [{ code: '10015', title: 'Cannot be edited' }] } };
      this.places = { ...this.places, ...(body as { documents: object }).documents };
      return { status: 200, body: { data: { id } } };
    }
    if (call === 'GET porting_orders additional_documents') return { status: 200, body: page(this.listed) };
    if (call === 'POST porting_orders additional_documents') {
      this.listed.push(...(body as { additional_documents: Record<string, unknown>[] }).additional_documents);
      return { status: 201, body: { data: [] } };
    }
    if (call === 'GET porting_orders comments') return { status: 200, body: page(this.comments) };
    if (call === 'POST porting_orders comments') {
      const comment = { id: `c-${this.comments.length + 1}`, ...(body as object), user_type: 'user' };
      this.comments.push({ ...comment, created_at: '2026-11-26T10:00:00Z' });
      return { status: 201, body: { data: this.comments.at(-1) } };
    }
    if (call === 'GET porting' && id === 'events') {
      this.eventFilter = Object.fromEntries(query);
      return {
        status: 200,
        body: page([{ porting_order_id: 'o-1' }, { porting_order_id: 'o-2' }, { porting_order_id: 'o-1' }]),
      };
    }
    return undefined;
  };

  private upload(body: { file: string }) {
    const document = { ...body, id: `d-${this.documents.length + 1}`, status: 'pending', av_scan_status: 'scanned' };
    this.documents.push(document);
    return document;
  }
}

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop();
});

async function start() {
  const papers = new Papers();
  const api = await startTelnyxApi(papers.route);
  open.push(api);
  const client = telnyxClient({ baseUrl: api.baseUrl, apiKey: 'k', timeoutMs: 1_000 });
  const porting = new TelnyxPorting('telnyx', client);
  return { papers, documents: porting.documents, comments: porting.comments };
}

let read: string[] = [];
function paper(reference: string, kind: OrderDocument['kind'], carrierDocumentId?: string): OrderDocument {
  return {
    reference,
    kind,
    contentType: 'application/pdf',
    fileName: `${kind}-${reference}.pdf`,
    ...(carrierDocumentId && { carrierDocumentId }),
    content: async () => {
      read.push(reference);
      return Buffer.from(`content of ${reference}`);
    },
  };
}

describe('documents of an order', () => {
  it('uploads each under our reference, and puts it where the order has its kind', async () => {
    const { papers, documents } = await start();
    const handed = await documents.attach('o-1', [
      paper('doc_1', 'loa'),
      paper('doc_2', 'invoice'),
      paper('doc_3', 'identity'),
      paper('doc_4', 'loa'),
    ]);
    expect(papers.documents).toMatchObject([
      {
        customer_reference: 'doc_1',
        filename: 'loa-doc_1.pdf',
        file: Buffer.from('content of doc_1').toString('base64'),
      },
      { customer_reference: 'doc_2' },
      { customer_reference: 'doc_3' },
      { customer_reference: 'doc_4' },
    ]);
    // The newest letter has the place, the older one stays in the list.
    expect(papers.places).toEqual({ loa: 'd-4', invoice: 'd-2' });
    expect(papers.listed).toEqual([
      { document_id: 'd-1', document_type: 'loa' },
      { document_id: 'd-3', document_type: 'other' },
    ]);
    expect(handed.get('doc_3')).toEqual({ carrierDocumentId: 'd-3', state: 'handed-over' });
  });

  it('uploads nothing twice, neither after an answer that was lost nor when it is asked again', async () => {
    const { papers, documents } = await start();
    read = [];
    papers.failNext = 'PATCH porting_orders';
    await expect(documents.attach('o-1', [paper('doc_1', 'loa')])).rejects.toBeInstanceOf(CarrierUnavailable);
    await documents.attach('o-1', [paper('doc_1', 'loa'), paper('doc_2', 'other')]);
    await documents.attach('o-1', [paper('doc_1', 'loa', 'd-1'), paper('doc_2', 'other', 'd-2')]);
    expect(papers.documents.map((each) => each.customer_reference)).toEqual(['doc_1', 'doc_2']);
    expect(papers.listed).toHaveLength(1);
    expect(read).toEqual(['doc_1', 'doc_2']);
  });

  it('uploads anew what the carrier has deleted', async () => {
    const { papers, documents } = await start();
    const handed = await documents.attach('o-1', [paper('doc_1', 'loa', 'd-gone')]);
    expect(handed.get('doc_1')?.carrierDocumentId).toBe('d-1');
    expect(papers.places).toEqual({ loa: 'd-1' });
  });

  it('uses the list while the order itself cannot be edited', async () => {
    const { papers, documents } = await start();
    papers.editable = false;
    await documents.attach('o-1', [paper('doc_1', 'loa')]);
    expect(papers.places).toEqual({});
    expect(papers.listed).toEqual([{ document_id: 'd-1', document_type: 'loa' }]);
  });

  it.each([
    ['pending', 'scanned', 'handed-over'],
    ['verified', 'scanned', 'accepted'],
    ['denied', 'scanned', 'refused'],
    ['pending', 'infected', 'refused'],
    ['something-new', 'scanned', 'handed-over'],
  ])('reads %s, %s as %s', async (status, av_scan_status, state) => {
    const { papers, documents } = await start();
    papers.documents.push({ id: 'd-1', status, av_scan_status });
    expect(await documents.review(['d-1', 'd-unknown'])).toEqual([{ carrierDocumentId: 'd-1', state }]);
  });

  it('says that the carrier is away, and names no document', async () => {
    const { papers, documents } = await start();
    papers.failNext = 'GET documents';
    const failure = await documents.review(['d-1']).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CarrierUnavailable);
    expect(String(failure)).not.toContain('d-1');
  });
});

describe('comments on an order', () => {
  it('lists them oldest first, and tells staff and system from us', async () => {
    const { papers, comments } = await start();
    papers.comments = [
      { id: 'c-2', body: 'Noted.', created_at: '2026-11-26T11:00:00Z', user_type: 'admin' },
      { id: 'c-1', body: 'Hello', created_at: '2026-11-26T10:00:00.000Z', user_type: 'user' },
      { id: 'c-3', body: 'Assigned', created_at: '2026-11-26T12:00:00Z', user_type: 'system' },
    ];
    expect(await comments.list('o-1')).toEqual([
      { id: 'c-1', text: 'Hello', at: '2026-11-26T10:00:00.000Z', from: 'us' },
      { id: 'c-2', text: 'Noted.', at: '2026-11-26T11:00:00.000Z', from: 'carrier' },
      { id: 'c-3', text: 'Assigned', at: '2026-11-26T12:00:00.000Z', from: 'carrier' },
    ]);
  });

  it('adds one', async () => {
    const { papers, comments } = await start();
    expect(await comments.add('o-1', 'Please hurry.')).toMatchObject({ id: 'c-1', text: 'Please hurry.', from: 'us' });
    expect(papers.comments).toHaveLength(1);
  });

  it('lists the orders that got some since a moment, each once', async () => {
    const { papers, comments } = await start();
    expect(await comments.listCommentedOrders('2026-11-26T10:00:00Z')).toEqual(['o-1', 'o-2']);
    expect(papers.eventFilter).toMatchObject({
      'filter[type]': 'porting_order.new_comment',
      'filter[created_at][gte]': '2026-11-26T10:00:00Z',
    });
  });

  it('tells away from refused', async () => {
    const { papers, comments } = await start();
    papers.failNext = 'POST porting_orders comments';
    await expect(comments.add('o-1', 'Hello')).rejects.toBeInstanceOf(CarrierUnavailable);
    const { comments: ofNobody } = await (async () => {
      const api = await startTelnyxApi();
      open.push(api);
      return new TelnyxPorting('telnyx', telnyxClient({ baseUrl: api.baseUrl, apiKey: 'k', timeoutMs: 1_000 }));
    })();
    await expect(ofNobody.add('o-9', 'Hello')).rejects.toBeInstanceOf(CarrierRefused);
  });
});
