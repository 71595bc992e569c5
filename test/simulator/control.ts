import type { Simulator } from '../../simulator/simulator.ts';
import type { LedgerEntry } from '../../simulator/world/ledger.ts';
import type { InboundTally, LedgerSummary, OutboundTally } from '../../simulator/world/tally.ts';

/** The simulator's control calls, as any program would make them. */
export class Control {
  readonly #url: string;

  constructor({ url }: Pick<Simulator, 'url'>) {
    this.#url = url;
  }

  /** @throws Error with the answer when it isn't 2xx */
  async call<Answer = unknown>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await this.raw(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text && response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text) as Answer;
  }

  raw(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(this.#url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  ledger(since = 0): Promise<LedgerEntry[]> {
    return this.call('GET', `/ledger?since=${since}`);
  }

  summary(): Promise<LedgerSummary & { undeliveredToUs: number }> {
    return this.call('GET', '/ledger/summary');
  }

  texts(): Promise<{ outbound: OutboundTally[]; inbound: InboundTally[] }> {
    return this.call('GET', '/ledger/texts');
  }

  /** The ledger's entries of one event, about whole texts unless told otherwise. */
  async entries(event: LedgerEntry['event'], { parts = false } = {}): Promise<LedgerEntry[]> {
    return (await this.ledger()).filter((entry) => entry.event === event && (entry.part !== undefined) === parts);
  }
}
