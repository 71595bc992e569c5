import type { Provision } from '../../simulator/world/business-number.ts';
import type { LedgerEntry } from '../../simulator/world/ledger.ts';
import type { Scenario, ScenarioPatch } from '../../simulator/world/scenario.ts';
import type { LedgerSummary } from '../../simulator/world/tally.ts';
import { repeatedRequest } from './repeated-request.ts';

/** The telephone network that the simulator plays: where subscribers write, and where the ledger is kept. */
export class Network {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url.replace(/\/+$/, '');
  }

  scenario(): Promise<Scenario> {
    return this.#call('GET', '/scenario');
  }

  /** Sets the scene anew. */
  async setScenario(patch: ScenarioPatch & { readonly preset?: 'quiet' | 'weather' }): Promise<void> {
    await this.#call('PUT', '/scenario', patch);
  }

  async provision(numbers: readonly Provision[]): Promise<void> {
    await this.#call('POST', '/numbers', numbers);
  }

  /** A subscriber writes to a number of ours. */
  async write(text: { readonly from: string; readonly to: string; readonly text: string }): Promise<void> {
    await this.#call('POST', '/texts', { from: text.from, to: text.to, text: text.text });
  }

  summary(): Promise<LedgerSummary & { readonly undeliveredToUs: number }> {
    return this.#call('GET', '/ledger/summary');
  }

  /** Everything that happened after `seq`, in its order. */
  ledgerSince(seq: number): Promise<LedgerEntry[]> {
    return this.#call('GET', `/ledger?since=${seq}&format=json`);
  }

  #call<Answer>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Answer> {
    return repeatedRequest<Answer>({ method, url: this.#url + path, body });
  }
}
