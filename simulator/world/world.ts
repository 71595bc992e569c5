import { UnfinishedBusiness } from '../network/unfinished.ts';
import { Assembly } from '../text/assembly.ts';
import { Chance } from './chance.ts';
import { Ledger, type LedgerRecord } from './ledger.ts';
import type { CarrierId } from './networks.ts';
import { NumberBook } from './number-book.ts';
import { Outages } from './outages.ts';
import { Recipients } from './recipients.ts';
import { type CarrierBehaviour, changedScenario, type Scenario, type ScenarioPatch } from './scenario.ts';
import { State } from './state.ts';
import { Tally } from './tally.ts';

const REMEMBERED_ATTEMPTS = 200_000;

/** Everything that the parts of the simulator share. */
export class World {
  readonly state: State;
  readonly ledger: Ledger;
  readonly tally = new Tally();
  readonly numbers: NumberBook;
  readonly outages = new Outages(this);
  /** What an earlier process had begun. */
  readonly unfinished = new UnfinishedBusiness();
  /** The handsets of all subscribers: they put long texts together, whichever carrier brings the segments. */
  readonly #handsets = new Assembly();
  /** The segments that each carrier has accepted. */
  readonly #taken = new Map<string, Assembly>();
  readonly #attempts = new Map<string, number>();
  readonly #scenarioListeners: (() => void)[] = [];
  #scenario: Scenario;
  #chance: Chance;
  #recipients: Recipients;

  /** @param scenario what to start with, given what was remembered */
  constructor(dataDir: string, scenario: (remembered: Scenario | undefined) => Scenario) {
    this.state = new State(dataDir);
    this.#scenario = scenario(this.state.keep('scenario', (): Scenario => this.#scenario));
    this.#chance = new Chance(this.#scenario.seed);
    this.#recipients = new Recipients(this.#scenario.recipients);
    this.numbers = new NumberBook(this.state);
    this.ledger = new Ledger(dataDir);
    this.ledger.onEntry((entry) => this.tally.add(entry));
    this.ledger.replay((entry) => {
      this.unfinished.add(entry);
      if (entry.event === 'accepted' || entry.event === 'delivered')
        this.#wholeOf(entry.event, entry, Date.parse(entry.at));
    });
  }

  get scenario(): Scenario {
    return this.#scenario;
  }

  get chance(): Chance {
    return this.#chance;
  }

  get recipients(): Recipients {
    return this.#recipients;
  }

  behaviour(carrier: CarrierId): CarrierBehaviour {
    return this.#scenario.carriers[carrier];
  }

  /** Replaces the scenario by `base` with `patch` over it, from now on. @throws z.ZodError */
  setScenario(base: Scenario, patch: ScenarioPatch): Scenario {
    this.#scenario = changedScenario(base, patch);
    this.#chance = new Chance(this.#scenario.seed);
    this.#recipients = new Recipients(this.#scenario.recipients);
    this.#attempts.clear();
    this.state.save();
    for (const listener of this.#scenarioListeners) listener();
    return this.#scenario;
  }

  onScenario(listener: () => void): void {
    this.#scenarioListeners.push(listener);
  }

  /** Segments at handsets that belong to no complete text. */
  get strayParts(): number {
    return this.#handsets.strayParts;
  }

  /**
   * Records an acceptance by a carrier or an arrival at a handset; when it completes a long text, that of the whole text as well.
   * @returns the whole text, once it is complete
   */
  recordWhole(event: 'accepted' | 'delivered', record: LedgerRecord): string | undefined {
    this.ledger.record(record);
    const { carrier, from, to, part } = record;
    if (!part) return record.text;
    const text = this.#wholeOf(event, record, Date.now());
    if (text !== undefined) this.ledger.record({ event, carrier, from, to, text });
    return text;
  }

  #wholeOf(event: 'accepted' | 'delivered', record: LedgerRecord, at: number): string | undefined {
    const { carrier = '', from = '', to = '', text = '', part } = record;
    if (!part) return undefined;
    let assembly: Assembly | undefined = this.#handsets;
    if (event === 'accepted') {
      assembly = this.#taken.get(carrier) ?? new Assembly();
      this.#taken.set(carrier, assembly);
    }
    return assembly.add(from, to, text, part, at);
  }

  /** How many times this has been asked for this identity, this time included: what makes a second try fare differently. */
  attempt(identity: string): number {
    const attempt = (this.#attempts.get(identity) ?? 0) + 1;
    this.#attempts.set(identity, attempt);
    if (this.#attempts.size > REMEMBERED_ATTEMPTS) {
      for (const oldest of this.#attempts.keys()) {
        this.#attempts.delete(oldest);
        break;
      }
    }
    return attempt;
  }
}
