import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Telnyx from 'telnyx';
import type { Simulator } from '../../simulator/simulator.ts';

/** The official SDK, pointed at the simulator. */
export function telnyxClient(simulator: Simulator, apiKey = simulator.telnyx.apiKey): Telnyx {
  const { baseUrl, webhookPublicKey } = simulator.telnyx;
  return new Telnyx({
    apiKey,
    baseURL: baseUrl,
    publicKey: webhookPublicKey,
    maxRetries: 0,
    timeout: 2000,
    logLevel: 'off',
  });
}

export interface Hook {
  readonly type: string;
  readonly id: string;
  // The SDK's types name neither the events of porting orders nor their payloads.
  // biome-ignore lint/suspicious/noExplicitAny: payloads are checked field by field
  readonly payload: any;
  readonly body: string;
  readonly headers: Record<string, string>;
  readonly attempt: number;
}

/** Receives webhooks. `status` is what it answers. */
export class HookReceiver {
  readonly hooks: Hook[] = [];
  status = 200;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const { data, meta } = JSON.parse(body);
        const headers = request.headers as Record<string, string>;
        this.hooks.push({
          type: data.event_type,
          id: data.id,
          payload: data.payload,
          body,
          headers,
          attempt: meta.attempt,
        });
        response.writeHead(this.status).end();
      });
    });
  }

  static async start(): Promise<HookReceiver> {
    const receiver = new HookReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hooks`;
  }

  of(type: string): Hook[] {
    return this.hooks.filter((hook) => hook.type === type);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
