import { CancellationScope, condition } from '@temporalio/workflow';
import type { OrderProblem } from '../domain/lifecycle/order.ts';
import { asRefusal } from './refusal.ts';

/** What became of a call: its answer, the carrier's definite no, or nothing because a person has cancelled meanwhile. */
export type Answer<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly problem: OrderProblem }
  | { readonly kind: 'interrupted' };

/** A call that is under way mostly ends by itself within this time; milliseconds. */
const graceMs = 5000;

/**
 * Calls at a carrier, one at a time. A carrier that is away is asked again for as long as it takes: who cancels meanwhile is not kept
 * waiting by that. An attempt that is under way is waited for, because nobody could say what became of it.
 */
export class CarrierCalls {
  private giveUp: (() => Promise<void>) | undefined;

  async run<T>(act: () => Promise<T>): Promise<Answer<T>> {
    const scope = new CancellationScope();
    let ended = false;
    this.giveUp = async () => {
      if (!(await condition(() => ended, graceMs, { summary: 'the call ends by itself' }))) scope.cancel();
    };
    try {
      return { kind: 'done', value: await scope.run(act) };
    } catch (error) {
      const problem = asRefusal(error);
      if (problem) return { kind: 'refused', problem };
      if (scope.consideredCancelled) return { kind: 'interrupted' };
      throw error;
    } finally {
      ended = true;
      this.giveUp = undefined;
    }
  }

  /** Gives up the call that is being repeated, if there is one. */
  interrupt(): void {
    void this.giveUp?.();
  }
}
