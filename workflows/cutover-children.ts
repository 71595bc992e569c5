import type { ChildWorkflowHandle, SignalDefinition } from '@temporalio/workflow';
import type { OrderReading } from '../activities/interfaces.ts';
import type { CutoverState } from '../domain/lifecycle/cutover.ts';
import type { OrderState } from '../domain/lifecycle/order.ts';
import {
  type CutoverInput,
  cutoverNewsSignal,
  cutoverRescheduledSignal,
  cutoverReturnedSignal,
  type PortInput,
} from './contract.ts';
import type { cutoverWorkflow } from './cutover.ts';
import { nowIso } from './time.ts';

/** How many children are started at once. */
const startsInParallel = 50;

/** The cutovers of a port's numbers: begun when a date is agreed, moved with it, undone when the order is. */
export class CutoverChildren {
  readonly states: Record<string, CutoverState> = {};
  private readonly input: PortInput;
  private readonly start: (child: CutoverInput) => Promise<ChildWorkflowHandle<typeof cutoverWorkflow>>;
  private readonly running = new Map<string, ChildWorkflowHandle<typeof cutoverWorkflow>>();
  private readonly heard = new Map<string, string>();
  private begunFor: string | undefined;

  constructor(input: PortInput, start: (child: CutoverInput) => Promise<ChildWorkflowHandle<typeof cutoverWorkflow>>) {
    this.input = input;
    this.start = start;
  }

  /** Brings the cutovers in step with the order: its date, or that it has none any more. */
  async follow(order: OrderState): Promise<void> {
    const dated =
      order.status === 'foc-confirmed' || order.status === 'activating' || order.status === 'cancel-pending';
    if (order.ported) {
      await this.begin(order.focAt ?? nowIso());
    } else if (dated && order.focAt) {
      // On demand, the number moves when a person says so, not at the date: its texts need not wait before that.
      if (this.input.activation === 'automatic' || this.begunFor) await this.begin(order.focAt);
    } else {
      await this.end(order);
    }
  }

  /** Begins every number's cutover for this date, or tells the ones that have begun that it moved. @param focAt RFC 3339 */
  async begin(focAt: string): Promise<void> {
    if (this.begunFor === focAt) return;
    const dates = { focAt, uncertainFrom: new Date(Date.parse(focAt) - this.input.marginMs).toISOString() };
    if (this.begunFor === undefined) {
      const { portId, gainingCarrier, losingCarrier, messagingPlan: plan, proofDeadlineMs, numberKeys } = this.input;
      for (let from = 0; from < numberKeys.length; from += startsInParallel) {
        await Promise.all(
          numberKeys.slice(from, from + startsInParallel).map(async (numberKey) => {
            const child = { portId, numberKey, plan, gainingCarrier, losingCarrier, proofDeadlineMs, ...dates };
            delete this.states[numberKey];
            const handle = await this.start(child);
            // Its report may be handled before its start is.
            if (!this.states[numberKey]) this.running.set(numberKey, handle);
          }),
        );
      }
    } else {
      await this.tellAll(cutoverRescheduledSignal, dates);
    }
    this.begunFor = focAt;
  }

  /** Passes on what the carrier says of each number, once per change. */
  async hear(reading: OrderReading): Promise<void> {
    for (const { numberKey, voice, messaging } of reading.numbers) {
      const child = this.running.get(numberKey);
      const said = `${voice}, ${messaging}`;
      if (!child || this.heard.get(numberKey) === said) continue;
      this.heard.set(numberKey, said);
      await tell(child, cutoverNewsSignal, { voice });
    }
  }

  /** A child has reported its end. */
  ended(numberKey: string, state: CutoverState): void {
    this.states[numberKey] = state;
    this.running.delete(numberKey);
    if (this.running.size === 0 && state.outcome === 'returned') this.begunFor = undefined;
  }

  /** Undoes what has begun, unless the order is completed. */
  async end(order: OrderState): Promise<void> {
    if (order.status !== 'completed') await this.tellAll(cutoverReturnedSignal, { reason: order.status });
  }

  allEnded(): boolean {
    return this.running.size === 0;
  }

  returned(): number {
    return Object.values(this.states).filter((state) => state.outcome === 'returned').length;
  }

  private async tellAll<T>(signal: SignalDefinition<[T]>, value: T): Promise<void> {
    await Promise.all([...this.running.values()].map((child) => tell(child, signal, value)));
  }
}

/** Signals a child; one that has just ended needs no news. */
async function tell<T>(
  child: ChildWorkflowHandle<typeof cutoverWorkflow>,
  signal: SignalDefinition<[T]>,
  value: T,
): Promise<void> {
  try {
    await child.signal(signal, value);
  } catch (error) {
    if (!(error instanceof Error) || !/not.?found|already completed/i.test(`${error.name} ${error.message}`))
      throw error;
  }
}
