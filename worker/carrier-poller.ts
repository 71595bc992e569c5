import type { Worker } from '@temporalio/worker';

/** The Temporal workers of one carrier: they poll its task queues only while this process holds slots of the carrier (invariant 8). */
export class CarrierPoller {
  readonly #make: () => Promise<Worker[]>;
  readonly #failed: (error: unknown) => void;
  #wanted = false;
  #workers: readonly Worker[] = [];
  #runs: Promise<unknown> = Promise.resolve();
  #changing: Promise<void> | undefined;

  /**
   * @param make new workers, not running yet: one that was shut down doesn't run again
   * @param failed told when a worker ended in an error that it doesn't get over, or could not be made
   */
  constructor(make: () => Promise<Worker[]>, failed: (error: unknown) => void) {
    this.#make = make;
    this.#failed = failed;
  }

  /** Says whether it is to poll. What its workers have begun they end. */
  poll(wanted: boolean): void {
    this.#wanted = wanted;
    // Called again while it changes: the loop sees what is wanted then.
    this.#changing ??= this.#change()
      .catch(this.#failed)
      .finally(() => {
        this.#changing = undefined;
        if (this.#wanted !== this.#workers.length > 0) this.poll(this.#wanted);
      });
  }

  /** Stops polling. Resolves when everything that was begun has ended. */
  async stop(): Promise<void> {
    this.poll(false);
    while (this.#changing) await this.#changing;
  }

  async #change(): Promise<void> {
    while (this.#wanted !== this.#workers.length > 0) {
      if (this.#wanted) {
        this.#workers = await this.#make();
        this.#runs = Promise.all(this.#workers.map((worker) => worker.run().catch(this.#failed)));
      } else {
        for (const worker of this.#workers) worker.shutdown();
        await this.#runs;
        this.#workers = [];
      }
    }
  }
}
