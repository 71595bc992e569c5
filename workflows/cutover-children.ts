import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  type ExternalWorkflowHandle,
  getExternalWorkflowHandle,
  type SignalDefinition,
  sleep,
} from '@temporalio/workflow';
import type { OrderReading } from '../activities/interfaces.ts';
import type { CutoverState } from '../domain/lifecycle/cutover.ts';
import type { OrderState } from '../domain/lifecycle/order.ts';
import {
  type CutoverInput,
  type CutoversCarried,
  cutoverNewsSignal,
  cutoverRescheduledSignal,
  cutoverReturnedSignal,
  type PortInput,
  workflowIds,
} from './contract.ts';
import { tell } from './tell.ts';
import { nowIso } from './time.ts';

/** How many children are started at once. */
const startsInParallel = 50;
/** Voice and messaging of a number with which nothing has happened. */
const nothingYet = 'pending, pending';

/** How long an earlier cutover of the same number takes to close after it has reported its end. */
const closingMs = 1000;

/** The cutovers of a port's numbers: begun when a date is agreed, moved with it, undone when it is withdrawn or the order ends. */
export class CutoverChildren {
  /** What those that have ended for good reported. */
  readonly states: Record<string, CutoverState>;
  private readonly input: PortInput;
  private readonly start: (child: CutoverInput) => Promise<unknown>;
  /** Of each number that ever had a cutover; by its id, because cutovers outlive the runs of their port. */
  private readonly children: Map<string, ExternalWorkflowHandle>;
  private readonly running: Set<string>;
  /** Told to return; they may be begun again afterwards. */
  private readonly undone: Set<string>;
  private readonly told: Map<string, string>;
  private reading: OrderReading | undefined;
  private begunFor: string | undefined;

  constructor(input: PortInput, start: (child: CutoverInput) => Promise<unknown>, carried?: CutoversCarried) {
    this.input = input;
    this.start = start;
    this.states = { ...carried?.states };
    this.children = new Map(carried?.begun.map((numberKey) => [numberKey, this.childOf(numberKey)]));
    this.running = new Set(carried?.running);
    this.undone = new Set(carried?.undone);
    this.told = new Map(Object.entries(carried?.told ?? {}));
    this.begunFor = carried?.begunFor;
  }

  /** What the port's next run has to know. */
  carry(): CutoversCarried {
    const { states, children, running, undone, told, begunFor } = this;
    return {
      states,
      begun: [...children.keys()],
      running: [...running],
      undone: [...undone],
      told: Object.fromEntries(told),
      begunFor,
    };
  }

  /** Takes note of what the carrier says of each number; `follow` passes it on. */
  hear(reading: OrderReading): void {
    this.reading = reading;
  }

  /** Brings the cutovers in step with the order: its date, or that it has none any more. */
  async follow(order: OrderState): Promise<void> {
    const date = this.dateOf(order);
    if (date === undefined) await this.undo('date withdrawn');
    else await this.begin(date);
    await this.passOn();
  }

  /**
   * Begins the cutovers for this date, or moves those that have begun. A number whose cutover has been undone is begun again once
   * that has ended.
   * @param focAt RFC 3339
   */
  async begin(focAt: string): Promise<void> {
    const { marginMs, numberKeys } = this.input;
    const dates = { focAt, uncertainFrom: before(focAt, marginMs) };
    if (this.begunFor !== undefined && this.begunFor !== focAt) {
      const waiting = Date.parse(before(this.begunFor, marginMs)) <= Date.now();
      // Texts that wait for a date which is far away again go on by the losing carrier until its margin.
      if (waiting && Date.parse(dates.uncertainFrom) > Date.now()) await this.undo('date moved');
      else await this.tellAll(cutoverRescheduledSignal, dates);
    }
    this.begunFor = focAt;
    const idle = numberKeys.filter((numberKey) => !this.running.has(numberKey) && !this.states[numberKey]);
    for (let from = 0; from < idle.length; from += startsInParallel) {
      await Promise.all(
        idle.slice(from, from + startsInParallel).map(async (numberKey) => {
          this.told.delete(numberKey);
          this.running.add(numberKey);
          await this.startOne(numberKey, dates);
        }),
      );
    }
  }

  /** Snap-back: all numbers go back to the losing carrier, also those whose move was proven. */
  async giveBack(reason: string): Promise<void> {
    const told = this.tellAll(cutoverReturnedSignal, { reason });
    const focAt = this.begunFor ?? nowIso();
    const moved = Object.entries(this.states).filter(([, state]) => state.outcome === 'ported');
    for (const [numberKey, { outcome: _proven, ...open }] of moved) {
      delete this.states[numberKey];
      this.running.add(numberKey);
      await this.startOne(numberKey, { focAt, uncertainFrom: focAt }, open);
      await tell(this.childOf(numberKey), cutoverReturnedSignal, { reason });
    }
    await told;
  }

  private async startOne(
    numberKey: string,
    dates: Pick<CutoverInput, 'focAt' | 'uncertainFrom'>,
    state?: CutoverState,
  ): Promise<void> {
    const { portId, gainingCarrier, losingCarrier, messagingPlan: plan, proofDeadlineMs } = this.input;
    const child = { portId, numberKey, plan, gainingCarrier, losingCarrier, proofDeadlineMs, ...dates };
    for (;;) {
      try {
        await this.start(state ? { ...child, state } : child);
        this.children.set(numberKey, this.childOf(numberKey));
        return;
      } catch (error) {
        // An earlier one has reported its end and is about to close.
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        await sleep(closingMs);
      }
    }
  }

  private childOf(numberKey: string): ExternalWorkflowHandle {
    return getExternalWorkflowHandle(workflowIds.cutover(this.input.portId, numberKey));
  }

  /** A child has reported its end. */
  ended(numberKey: string, state: CutoverState): void {
    if (!this.running.delete(numberKey)) return;
    const asTold = this.undone.delete(numberKey) && state.outcome === 'returned';
    if (!asTold) this.states[numberKey] = state;
  }

  /** Lets the texts of all numbers that have not moved go on by the losing carrier. */
  async undo(reason: string): Promise<void> {
    this.begunFor = undefined;
    const told = this.tellAll(cutoverReturnedSignal, { reason });
    // Before anything is awaited: one of them may have ended by then.
    for (const numberKey of this.running) this.undone.add(numberKey);
    await told;
  }

  allEnded(): boolean {
    return this.running.size === 0;
  }

  returned(): number {
    return Object.values(this.states).filter((state) => state.outcome === 'returned').length;
  }

  /** For when the numbers' move is expected; undefined when it is not. */
  private dateOf(order: OrderState): string | undefined {
    if (order.ported) return this.begunFor ?? nowIso();
    switch (order.status) {
      case 'foc-confirmed':
      case 'activating':
        // On demand, a number moves when a person says so, not at the date: its texts need not wait before that.
        return this.input.activation === 'automatic' ? order.focAt : this.begunFor;
      case 'cancel-pending':
        // It may come too late: what has begun goes on, nothing is begun.
        return this.begunFor;
      default:
        return undefined;
    }
  }

  /** Tells each child what the carrier says of its number, once per change. */
  private async passOn(): Promise<void> {
    for (const { numberKey, voice, messaging } of this.reading?.numbers ?? []) {
      const child = this.children.get(numberKey);
      const said = `${voice}, ${messaging}`;
      if (!child || !this.open(numberKey) || (this.told.get(numberKey) ?? nothingYet) === said) continue;
      this.told.set(numberKey, said);
      await tell(child, cutoverNewsSignal, { voice });
    }
  }

  private open(numberKey: string): boolean {
    return this.running.has(numberKey) && !this.undone.has(numberKey);
  }

  private async tellAll<T>(signal: SignalDefinition<[T]>, value: T): Promise<void> {
    const open = [...this.children].filter(([numberKey]) => this.open(numberKey));
    await Promise.all(open.map(([, child]) => tell(child, signal, value)));
  }
}

function before(date: string, ms: number): string {
  return new Date(Date.parse(date) - ms).toISOString();
}
