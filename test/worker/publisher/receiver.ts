import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface Received {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  // biome-ignore lint/suspicious/noExplicitAny: checked by the tests field by field
  readonly data: any;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Somebody who is told of events, and answers as told: an HTTP status, or nothing at all. */
export async function receiver(answer: (received: Received) => number | 'nothing' = () => 204) {
  const received: Received[] = [];
  const state = { answer };
  const server = createServer(async (req, res) => {
    let body = '';
    for await (const piece of req) body += piece;
    const headers = req.headers as Record<string, string>;
    const each: Received = { id: headers['webhook-id'] ?? '', ...JSON.parse(body), headers, body };
    received.push(each);
    const status = state.answer(each);
    if (status === 'nothing') req.socket.destroy();
    else res.writeHead(status, status === 429 ? { 'retry-after': '600' } : {}).end('fine');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events?token=secret`,
    received,
    state,
    ids: () => received.map(({ id }) => id),
    /** @throws when the signature is not by this secret; the time of signing is told, since the clock of tests runs ahead */
    verify: (secret: string, { headers, body, id }: Received): void => {
      const at = new Date(Number(headers['webhook-timestamp']) * 1000);
      const wanted = new Webhook(secret).sign(id, at, body);
      if (!headers['webhook-signature']?.split(' ').includes(wanted)) throw new Error('Another secret has signed it.');
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export type Receiver = Awaited<ReturnType<typeof receiver>>;
