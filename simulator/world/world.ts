import { Assembly } from '../text/assembly.ts';
import { Chance } from './chance.ts';
import { Ledger } from './ledger.ts';
import type { CarrierId } from './networks.ts';
import { NumberBook } from './number-book.ts';
import { Outages } from './outages.ts';
import { Recipients } from './recipients.ts';
import { type CarrierBehaviour, changedScenario, type Scenario, type ScenarioPatch } from './scenario.ts';
import { State } from './state.ts';
import { Tally } from './tally.ts';

/** Everything that the parts of the simulator share. */
export class World {
  readonly state: State;
  readonly ledger: Ledger;
  readonly tally = new Tally();
  readonly numbers: NumberBook;
  readonly outages = new Outages(this);
  /** The handsets of all subscribers: they put long texts together, whichever carrier brings the segments. */
  readonly handsets = new Assembly();
  readonly #attempts = new Map<string, number>();
  readonly #scenarioListeners: (() => void)[] = [];
  #scenario: Scenario;
  #chance: Chance;
  #recipients: Recipients;

  constructor(dataDir: string, initial: Scenario) {
    this.state = new State(dataDir);
    this.#scenario = this.state.keep('scenario', () => this.#scenario) ?? initial;
    this.#chance = new Chance(this.#scenario.seed);
    this.#recipients = new Recipients(this.#scenario.recipients);
    this.numbers = new NumberBook(this.state);
    this.ledger = new Ledger(dataDir);
    this.ledger.onEntry((entry) => this.tally.add(entry));
    this.ledger.replay();
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

  /** How many times this has been asked for this identity, this time included: what makes a second try fare differently. */
  attempt(identity: string): number {
    const attempt = (this.#attempts.get(identity) ?? 0) + 1;
    this.#attempts.set(identity, attempt);
    return attempt;
  }
}
