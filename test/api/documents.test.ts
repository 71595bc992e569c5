import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { document, documentList } from '../../api/schemas/documents.ts';
import { pdfText } from './pdf-text.ts';
import { apiKey, numbers, portBody, type Serving, serve } from './serving.ts';

let api: Serving;
let port = '';
beforeEach(async () => {
  api = await serve();
  port = (await api.post('/v1/ports', portBody)).body.id;
});
afterEach(() => api.stop());

const pdf = Buffer.from('%PDF-1.7\n1 0 obj\n%%EOF\n');
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');
const upload = (content: Buffer, kind = 'invoice', headers: Record<string, string> = {}) =>
  api.upload(`/v1/ports/${port}/documents?kind=${kind}`, content, headers);
const list = async () => documentList.parse((await api.get(`/v1/ports/${port}/documents`)).body).data;
const steps = async () => (await api.get(`/v1/ports/${port}/timeline`)).body.data;

describe('adding documents', () => {
  it('stores the file, says what it is, and until when it is kept', async () => {
    const answer = await upload(pdf, 'invoice', { 'content-type': 'application/pdf' });
    expect(answer.status).toBe(201);
    const stored = document.parse(answer.body);
    expect(stored).toMatchObject({
      kind: 'invoice',
      contentType: 'application/pdf',
      bytes: pdf.length,
      sha256: sha256(pdf),
      state: 'stored',
    });
    expect(Date.parse(stored.deleteAt) - Date.parse(stored.storedAt)).toBe(365 * 24 * 3600_000);
    expect(await list()).toEqual([stored]);
    expect(await steps()).toEqual([
      expect.objectContaining({
        actor: 'caller',
        type: 'document.stored',
        detail: `invoice, application/pdf, ${pdf.length} bytes, SHA-256 ${sha256(pdf)}.`,
      }),
    ]);
  });

  it('finds the type in the content, whatever the request says or leaves out', async () => {
    expect((await upload(png)).body.contentType).toBe('image/png');
    expect((await upload(pdf, 'csr', { 'content-type': 'application/octet-stream' })).body.contentType).toBe(
      'application/pdf',
    );
    const wrong = await upload(png, 'identity', { 'content-type': 'image/jpeg' });
    expect(wrong.body).toMatchObject({
      code: 'document-content-mismatch',
      detail: expect.stringContaining('image/png'),
    });
    expect(await list()).toHaveLength(2);
  });

  it('is the same document when it is sent again, by its content or by its key (invariant 4)', async () => {
    const first = await upload(pdf);
    const again = await upload(pdf);
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
    const keyed = await upload(pdf, 'invoice', { 'idempotency-key': 'one' });
    const replayed = await upload(pdf, 'invoice', { 'idempotency-key': 'one' });
    expect(replayed.body).toEqual(keyed.body);
    expect(replayed.headers.get('idempotent-replayed')).toBe('true');
    expect((await upload(png, 'invoice', { 'idempotency-key': 'one' })).body.code).toBe('idempotency-key-reused');
    expect((await upload(pdf, 'csr')).status, 'of another kind it is another one').toBe(201);
    expect(await list()).toHaveLength(2);
    expect(await steps()).toHaveLength(2);
  });

  it('notes a refusal once under its key, with the code and nothing of the file', async () => {
    const html = Buffer.from('<b>Ada Example</b>');
    for (let i = 0; i < 2; i++) {
      const answer = await upload(html, 'loa', { 'idempotency-key': 'refused' });
      expect(answer.body.code).toBe('document-type-not-allowed');
    }
    expect(await steps()).toEqual([
      expect.objectContaining({
        type: 'document.not-stored',
        detail: 'loa: document-type-not-allowed. Nothing was stored.',
      }),
    ]);
  });

  it('takes what is just small enough, and stops reading what says that it is too large', async () => {
    const largest = Buffer.alloc(3 * 1024 * 1024);
    largest.set(pdf);
    expect((await upload(largest)).status).toBe(201);
    // Nothing of it is ever sent: the answer doesn't wait for it.
    const answer = await new Promise<string>((resolve, reject) => {
      const { hostname, port: httpPort } = new URL(api.url);
      const socket = connect(Number(httpPort), hostname, () =>
        socket.write(
          `POST /v1/ports/${port}/documents?kind=loa HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${apiKey}\r\nContent-Length: 99000000\r\n\r\n`,
        ),
      );
      socket.once('data', (data) => {
        resolve(data.toString());
        socket.destroy();
      });
      socket.once('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*document-too-large/);
  });

  it.each([4, 24, 64])('answers a file of %i MiB, whatever of it is still on its way', async (mebibytes) => {
    const large = Buffer.alloc(mebibytes * 1024 * 1024);
    large.set(pdf);
    const answers = await Promise.all([1, 2, 3].map(() => upload(large)));
    for (const { status, body } of answers) expect([status, body.code]).toEqual([413, 'document-too-large']);
  });

  it('answers who looks for an answer only when all is sent, and then wants the connection closed', async () => {
    const { hostname, port: httpPort } = new URL(api.url);
    const socket = connect(Number(httpPort), hostname).pause();
    const large = Buffer.alloc(12 * 1024 * 1024);
    socket.write(
      `POST /v1/ports/${port}/documents?kind=loa HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${apiKey}\r\nConnection: close\r\nContent-Length: ${large.length}\r\n\r\n`,
    );
    await new Promise<void>((resolve, reject) => {
      socket.write(large, (error) => (error ? reject(error) : resolve()));
    });
    const [answer] = (await once(socket.resume(), 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 [\s\S]*document-too-large/);
    socket.destroy();
  });

  it('cuts off who goes on sending after the answer', async () => {
    const { hostname, port: httpPort } = new URL(api.url);
    const socket = connect(Number(httpPort), hostname);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    let answer = '';
    socket
      .on('error', () => undefined)
      .on('data', (data) => {
        answer += data;
      });
    socket.write(
      `POST /v1/ports/${port}/documents?kind=loa HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${apiKey}\r\nContent-Length: 99000000\r\n\r\n`,
    );
    const sending = setInterval(() => socket.write('x'), 100);
    const began = Date.now();
    await closed;
    clearInterval(sending);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it('counts a body without a length while it comes', async () => {
    const chunk = new Uint8Array(1024 * 1024);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        if (sent > 5) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const response = await fetch(`${api.url}/v1/ports/${port}/documents?kind=loa`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}` },
      body: endless,
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
    expect(await list()).toEqual([]);
  });

  it('refuses a kind that is none, and reads nothing then', async () => {
    expect((await upload(pdf, 'photo')).body).toMatchObject({ code: 'invalid-request', errors: [{ path: 'kind' }] });
    expect((await api.upload('/v1/ports/port_0/documents?kind=loa', pdf)).body.code).toBe('unknown-port');
  });

  it('has it handed over at once when the carrier has the order already', async () => {
    await upload(pdf);
    expect(api.recorded.signals).toEqual([]);
    await api.store.ports.project(port, 1, { status: 'submitted', carrierOrderId: 'order-1' });
    await upload(png);
    expect(api.recorded.signals).toEqual([`correspondence ${port}`]);
    api.recorded.failure = new Error('away');
    const answer = await upload(pdf);
    expect(answer).toMatchObject({ status: 503, body: { code: 'engine-unavailable' } });
    expect(await list()).toHaveLength(2);
  });
});

describe('downloading', () => {
  it('gives the very bytes, as a file to save', async () => {
    const { id, links } = (await upload(png, 'identity')).body;
    const { status, headers, content } = await api.download(links.content);
    expect(status).toBe(200);
    expect(content.equals(png)).toBe(true);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': `attachment; filename="identity-${id}.png"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'no-store',
      'repr-digest': `sha-256=:${createHash('sha256').update(png).digest('base64')}:`,
    });
  });

  it('knows a document by its own port only', async () => {
    const { id } = (await upload(pdf)).body;
    const other = (await api.post('/v1/ports', { ...portBody, phoneNumbers: [numbers.second] })).body.id;
    expect((await api.get(`/v1/ports/${other}/documents/${id}`)).body.code).toBe('unknown-document');
  });

  it('gives no content that is not what was stored', async () => {
    const one = (await upload(pdf)).body;
    const other = (await upload(png)).body;
    const sealed = await api.store.documents.content(other.id);
    const documents = api.database.collection<{ _id: string }>('documents');
    await documents.updateOne({ _id: one.id }, { $set: { content: sealed } });
    expect((await api.get(one.links.content)).body.code).toBe('internal-error');
  });
});

describe('the letter of authorisation', () => {
  const signature = {
    name: 'ada  example',
    signedAt: '2026-10-01T12:00:00+02:00',
    method: 'click',
    ip: '203.0.113.7',
    userAgent: 'Mozilla/5.0',
    reference: 'env-77',
  };
  const make = (change: object = {}) =>
    api.post(`/v1/ports/${port}/documents/loa`, { signature: { ...signature, ...change } });

  it('names subscriber, address, numbers and carriers, and proves its signature', async () => {
    const answer = await make();
    expect(answer.status).toBe(201);
    const letter = document.parse(answer.body);
    expect(letter).toMatchObject({ kind: 'loa', contentType: 'application/pdf', signedAt: '2026-10-01T10:00:00.000Z' });
    const { content } = await api.download(letter.links.content);
    const { pages, attachment } = pdfText(content);
    for (const each of [
      'Letter of Agency',
      'Ada Example',
      'A-77123',
      '1 Main St',
      '62701',
      numbers.own,
      'alpha',
      'beta',
    ]) {
      expect(pages).toContain(each);
    }
    for (const each of ['203.0.113.7', 'Mozilla/5.0', 'env-77', '2026-10-01T10:00:00.000Z', letter.signedTextSha256]) {
      expect(pages).toContain(each);
    }
    expect(pages, 'the PIN is nobody else’s').not.toContain('4711');
    expect(sha256(attachment)).toBe(letter.signedTextSha256);
    expect(attachment).toContain(`Signed by ${signature.name.replace('  ', '  ')} on 2026-10-01 10:00:00 UTC.`);
    expect(await steps()).toMatchObject([{ type: 'document.made', detail: expect.stringContaining(letter.sha256) }]);
  });

  it('is the same for the same data and signature, and outdated after a supplement', async () => {
    const first = (await make()).body;
    const again = await make();
    expect(again).toMatchObject({ status: 200, body: { id: first.id, outdated: false } });
    await api.store.ports.project(port, 1, { status: 'exception' });
    await api.post(`/v1/ports/${port}/supplement`, { subscriber: { serviceAddress: { postalCode: '62704' } } });
    expect(await list()).toMatchObject([{ id: first.id, outdated: true }]);
    expect((await make()).body).toMatchObject({ outdated: false });
    expect(await list()).toHaveLength(2);
  });

  it.each([
    ['a signature of tomorrow', { signedAt: '2199-01-01T00:00:00Z' }, 'signature.signedAt'],
    ['an unknown way to sign', { method: 'telepathy' }, 'signature.method'],
    ['an address that is none', { ip: '1.2.3' }, 'signature.ip'],
  ])('refuses %s', async (_what, change, path) => {
    expect((await make(change)).body).toMatchObject({ code: 'invalid-request', errors: [{ path }] });
    expect(await list()).toEqual([]);
  });
});
