import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Carrier, EventSink } from '../../../carriers/carrier.ts';
import { createCarriers } from '../../../carriers/registry.ts';
import { telnyxConfig } from '../../../carriers/telnyx/config.ts';
import type { Behaviour, Counterpart, ReadText } from '../counterpart.ts';

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** Answers what is not POST /messages; undefined is 404. */
export type Route = (request: ApiRequest) => { readonly status: number; readonly body?: unknown } | undefined;

const statusOfReceipt: Record<string, string> = {
  DELIVRD: 'delivered',
  UNDELIV: 'delivery_failed',
  EXPIRED: 'expired',
  REJECTD: 'sending_failed',
  ENROUTE: 'sent',
};

/** Telnyx's API and webhooks as far as a test needs them. */
export async function startTelnyxApi(route: Route = () => undefined) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const publicKeyText = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
  const sockets = new Set<Socket>();
  const texts: ReadText[] = [];
  const requests: ApiRequest[] = [];
  const held: (() => void)[] = [];
  let behaviour: Behaviour = 'accept';
  let unanswered = 0;
  let most = 0;
  let events = 0;
  let target: { carrier: Carrier; sink: EventSink } | undefined;

  function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  }

  function sent(response: ServerResponse, body: { from: string; to: string; text: string }) {
    const id = `4031-${texts.length + 1}`;
    most = Math.max(most, ++unanswered);
    response.once('close', () => unanswered--);
    const accept = () =>
      answer(response, 200, { data: { id, ...body, to: [{ phone_number: body.to, status: 'queued' }] } });
    const accepted = behaviour === 'accept' || behaviour === 'hold-answers';
    texts.push({ from: body.from, to: body.to, text: body.text, ids: accepted ? [id] : [] });
    if (behaviour === 'accept') accept();
    if (behaviour === 'hold-answers') held.push(accept);
    if (behaviour === 'reject') {
      answer(response, 400, {
        errors: [{ code: '40300', title: 'Blocked due to STOP message', detail: `To ${body.to}` }],
      });
    }
    if (behaviour === 'throttle') {
      answer(response, 429, { errors: [{ code: '10011', title: 'Too many requests' }] }, { 'retry-after': '1' });
    }
  }

  async function received(request: IncomingMessage, response: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const text = Buffer.concat(chunks).toString('utf8');
    const read: ApiRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      // A form with files is left as it was sent.
      body: request.headers['content-type']?.startsWith('multipart/') ? text : text ? JSON.parse(text) : undefined,
    };
    requests.push(read);
    if (read.method === 'POST' && read.path === '/v2/messages') {
      sent(response, read.body as { from: string; to: string; text: string });
      return;
    }
    const routed = route(read);
    if (routed) answer(response, routed.status, routed.body ?? {});
    else answer(response, 404, { errors: [{ code: '10005', title: 'Resource not found' }] });
  }

  const server = createServer((request, response) => void received(request, response).catch(() => response.destroy()));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}/v2`;

  function signed(body: string, timestamp = String(Math.floor(Date.now() / 1000))) {
    const signature = sign(null, Buffer.from(`${timestamp}|${body}`), privateKey).toString('base64');
    return { 'telnyx-timestamp': timestamp, 'telnyx-signature-ed25519': signature };
  }

  /** Posts to the webhook as the service serves it, again under the same id until it is acknowledged. */
  async function deliver(eventType: string, payload: unknown) {
    const id = `event-${++events}`;
    const body = JSON.stringify({
      data: { id, event_type: eventType, occurred_at: new Date().toISOString(), payload },
    });
    for (;;) {
      try {
        if (!target?.carrier.webhook) throw new Error('The counterpart is not attached to a carrier with a webhook.');
        await target.sink.receive(target.carrier.webhook.parse(Buffer.from(body), signed(body)));
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  const counterpart: Counterpart = {
    rejection: '40300',
    answersPerPart: false,
    createCarrier(logger, overrides = {}) {
      const config = telnyxConfig.parse({
        id: 'telnyx',
        adapter: 'telnyx',
        baseUrl,
        apiKey: 'not-for-logs',
        webhookPublicKey: publicKeyText,
        window: 10,
        segmentsPerSecond: 1000,
        timeoutMs: 300,
        ...overrides,
      });
      const carrier = createCarriers({ carriers: [config] }, { logger }).get('telnyx');
      if (!carrier) throw new Error('The registry made no carrier telnyx.');
      return carrier;
    },
    attach(carrier, sink) {
      carrier.connect(sink);
      target = { carrier, sink };
    },
    behave: (next) => {
      behaviour = next;
    },
    releaseAnswers() {
      for (const release of held.splice(0)) release();
    },
    texts: () => texts,
    written: () => texts.length,
    mostUnanswered: () => most,
    cutConnections() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async goAway() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    listen: () => listen(port),
    receipt: (id, text, state, code) =>
      deliver(state === 'ENROUTE' ? 'message.sent' : 'message.finalized', {
        id,
        direction: 'outbound',
        from: { phone_number: text.from },
        to: [{ phone_number: text.to, status: statusOfReceipt[state] }],
        errors: code ? [{ code, title: 'Failed' }] : [],
      }),
    inbound: ({ from, to, text }) =>
      deliver('message.received', {
        id: `in-${events + 1}`,
        direction: 'inbound',
        from: { phone_number: from },
        to: [{ phone_number: to, status: 'webhook_delivered' }],
        text,
      }),
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return { ...counterpart, requests, signed, publicKeyText, baseUrl };
}

/** The rows of a page, as the API gives them. */
export function page(rows: readonly object[], query: URLSearchParams) {
  const [number, size] = [Number(query.get('page[number]') ?? 1), Number(query.get('page[size]') ?? 20)];
  return {
    data: rows.slice((number - 1) * size, number * size),
    meta: {
      page_number: number,
      page_size: size,
      total_pages: Math.ceil(rows.length / size),
      total_results: rows.length,
    },
  };
}
