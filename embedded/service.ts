import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Leashed, type LeashedProgram, startLeashed } from './leash.ts';
import { lastLogLine } from './log-file.ts';

/** A process that has to run as long as the stack does. */
export interface ServiceSpec {
  readonly name: string;
  readonly program: Omit<LeashedProgram, 'onMessage'>;
  /** Resolves when it serves. `saidReady` resolves when the process itself says so, by `process.send('ready')`. */
  readonly ready: (signal: AbortSignal, saidReady: Promise<void>) => Promise<void>;
  readonly readyWithinSeconds: number;
}

/** What the stack tells about its services. */
export interface ServiceListener {
  /** One line that a person should know. */
  tell(line: string): void;
  /** The process group of each start, and the process in it. */
  started(name: string, group: number, pid: number): void;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
/** What has run this long is well: the next pause is the shortest again. */
const WELL_AFTER_MS = 10_000;

/** Keeps one process running: started again when it dies, after a pause that grows from 0.2 to 5 s. */
export class Service {
  readonly name: string;
  readonly #spec: ServiceSpec;
  readonly #listener: ServiceListener;
  readonly #stopping = new AbortController();
  #leash: Leashed | undefined;
  #pid: number | undefined;
  #serving = deferred();

  constructor(spec: ServiceSpec, listener: ServiceListener) {
    this.name = spec.name;
    this.#spec = spec;
    this.#listener = listener;
  }

  /** Process id of what runs now; undefined while nothing does. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Resolves when it serves; after it died or was killed, when the next process does. */
  ready(): Promise<void> {
    return this.#serving.promise;
  }

  /**
   * Starts it and resolves when it serves.
   * @throws Error with one line when it ends or takes too long before that; what never served isn't tried again.
   */
  async start(): Promise<void> {
    await this.#launch();
    void this.#keepRunning();
  }

  /** Sends the process a signal, as anybody could. */
  kill(signal: NodeJS.Signals): void {
    if (this.#pid === undefined) return;
    process.kill(this.#pid, signal);
    if (signal === 'SIGKILL') this.#down();
  }

  /** Ends it, with SIGKILL when its grace is over, and doesn't start it again. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error(`${this.name} is being stopped.`));
    await this.#leash?.stop();
  }

  /** Kills it at once. */
  killNow(): void {
    this.#stopping.abort(new Error(`${this.name} is being stopped.`));
    this.#leash?.kill();
  }

  async #keepRunning(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    let began = Date.now();
    for (;;) {
      const code = (await this.#leash?.exited) ?? 1;
      if (this.#stopping.signal.aborted) return;
      if (Date.now() - began > WELL_AFTER_MS) pause = FIRST_PAUSE_MS;
      this.#listener.tell(`${this.#ending(code)}; it is started again`);
      await sleep(pause, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return;
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      began = Date.now();
      await this.#launch().then(
        () => this.#listener.tell(`${this.name} is back`),
        // The loop sees that it ended, and says so.
        () => undefined,
      );
    }
  }

  async #launch(): Promise<void> {
    const { program, ready, readyWithinSeconds } = this.#spec;
    const said = deferred();
    const leash = startLeashed({ ...program, onMessage: (message) => message === 'ready' && said.resolve() });
    this.#leash = leash;
    const failed = new AbortController();
    void leash.exited.then((code) => {
      this.#down();
      failed.abort(new Error(`${this.#ending(code, ' before it was ready')}. Its log: ${program.logFile}`));
    });
    const late = `${this.name} is not ready after ${readyWithinSeconds} s. Its log: ${program.logFile}`;
    const timer = setTimeout(() => failed.abort(new Error(late)), readyWithinSeconds * 1000);
    const signal = AbortSignal.any([failed.signal, this.#stopping.signal]);
    try {
      this.#pid = await leash.pid;
      if (this.#pid !== undefined) this.#listener.started(this.name, leash.group, this.#pid);
      await Promise.race([rejected(signal), ready(signal, said.promise)]);
      signal.throwIfAborted();
      this.#serving.resolve();
    } catch (error) {
      if (!this.#stopping.signal.aborted) leash.kill();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #down(): void {
    this.#pid = undefined;
    if (this.#serving.settled) this.#serving = deferred();
  }

  #ending(code: number, when = ''): string {
    const signal = Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0];
    return signal
      ? `${this.name} was ended by ${signal}${when}`
      : `${this.name} ended${when} (code ${code})${lastLogLine(this.#spec.program.logFile)}`;
  }
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly settled: boolean;
  resolve(): void;
}

function deferred(): Deferred {
  let settle: () => void = () => undefined;
  let settled = false;
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return {
    promise,
    get settled() {
      return settled;
    },
    resolve: () => {
      settled = true;
      settle();
    },
  };
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
