import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { getExternalWorkflowHandle, type SignalDefinition, sleep } from '@temporalio/workflow';
import type { OrderedNumberReading, OrderReading } from '../activities/interfaces.ts';
import { activationOf } from '../domain/lifecycle/activation.ts';
import type { CutoverState } from '../domain/lifecycle/cutover.ts';
import type { OrderState } from '../domain/lifecycle/order.ts';
import {
  type CutoverInput,
  type CutoverReport,
  type CutoversCarried,
  cutoverNewsSignal,
  cutoverRescheduledSignal,
  cutoverReturnedSignal,
  type PortInput,
  workflowIds,
} from './contract.ts';
import { tell } from './tell.ts';
import { nowIso } from './time.ts';

/** How many children are started, or told something, at once. */
const atATime = 50;
/** Of texts alone: the carrier has given this number up, which says nothing of the others. */
const textsRefused = 'texts refused';
/** A child that has reported its end closes within moments. */
const closingPauseMs = 1000;

/** The cutovers of a port's numbers: begun when a date is agreed, moved with it, undone when it is withdrawn or the order ends. */
export class CutoverChildren {
  readonly states: Record<string, CutoverState>;
  private readonly input: PortInput;
  private readonly start: (child: CutoverInput) => Promise<unknown>;
  private readonly begun: Map<string, number>;
  private readonly running: Set<string>;
  private readonly undone: Set<string>;
  private readonly told: Map<string, string>;
  private reading: OrderReading | undefined;
  private begunFor: string | undefined;

  /** @param carried where an earlier run of the port left them: cutovers outlive the runs of their port */
  constructor(input: PortInput, start: (child: CutoverInput) => Promise<unknown>, carried?: CutoversCarried) {
    this.input = input;
    this.start = start;
    this.states = { ...carried?.states };
    this.begun = new Map(Object.entries(carried?.begun ?? {}));
    this.running = new Set(carried?.running);
    this.undone = new Set(carried?.undone);
    this.told = new Map(Object.entries(carried?.told ?? {}));
    this.begunFor = carried?.begunFor;
  }

  /** What the port's next run has to know. */
  carry(): CutoversCarried {
    return {
      ...(this.begunFor !== undefined && { begunFor: this.begunFor }),
      states: { ...this.states },
      begun: Object.fromEntries(this.begun),
      running: [...this.running],
      undone: [...this.undone],
      told: Object.fromEntries(this.told),
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
    const { marginMs, numberKeys, portId, gainingCarrier, losingCarrier, messagingPlan, proofDeadlineMs } = this.input;
    const dates = { focAt, uncertainFrom: before(focAt, marginMs) };
    if (this.begunFor !== undefined && this.begunFor !== focAt) {
      const waiting = Date.parse(before(this.begunFor, marginMs)) <= Date.now();
      // Texts that wait for a date which is far away again go on by the losing carrier until its margin.
      if (waiting && Date.parse(dates.uncertainFrom) > Date.now()) await this.undo('date moved');
      else await this.tellAll(cutoverRescheduledSignal, dates);
    }
    this.begunFor = focAt;
    const idle = numberKeys.filter((numberKey) => !this.running.has(numberKey) && !this.states[numberKey]);
    await inPortions(idle, async (numberKey) => {
      const common = { portId, numberKey, plan: messagingPlan, gainingCarrier, losingCarrier, proofDeadlineMs };
      this.told.delete(numberKey);
      // Before anything is awaited: it may have ended by then.
      this.running.add(numberKey);
      await this.startWhenClosed({ ...common, ...dates });
    });
  }

  /**
   * A child has reported its end.
   * @returns whether that leaves something to do: it may be begun again, or it was the last one. Of hundreds the others change nothing.
   */
  ended({ numberKey, state, begun }: CutoverReport): boolean {
    if (begun !== undefined && begun !== this.begun.get(numberKey)) return false;
    if (!this.running.delete(numberKey)) return false;
    const asTold = this.undone.delete(numberKey) && state.outcome === 'returned';
    if (!asTold) this.states[numberKey] = state;
    return asTold || this.allEnded();
  }

  /** Lets the texts of all numbers that have not moved go on by the losing carrier. */
  async undo(reason: string): Promise<void> {
    this.begunFor = undefined;
    const told = this.tellAll(cutoverReturnedSignal, { reason });
    // Before anything is awaited: one of them may have ended by then.
    for (const numberKey of this.running) this.undone.add(numberKey);
    await told;
  }

  /** Snap-back: all numbers go back to the losing carrier, also those whose move was proven: their cutover is taken up once more. */
  async giveBack(reason: string): Promise<void> {
    const { portId, gainingCarrier, losingCarrier, messagingPlan: plan, proofDeadlineMs } = this.input;
    const focAt = this.begunFor ?? nowIso();
    const told = this.tellAll(cutoverReturnedSignal, { reason });
    const moved = Object.entries(this.states).filter(([, state]) => state.outcome === 'ported');
    for (const [numberKey] of moved) {
      delete this.states[numberKey];
      this.running.add(numberKey);
    }
    await told;
    await inPortions(moved, async ([numberKey, { outcome: _proven, ...state }]) => {
      const common = { portId, numberKey, plan, gainingCarrier, losingCarrier, proofDeadlineMs };
      await this.startWhenClosed({ ...common, focAt, uncertainFrom: focAt, state, returned: reason });
    });
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
        // Texts alone have no agreed date: they may move from now on.
        if (this.textsAlone) return this.begunFor ?? nowIso();
        // On demand, a number moves when a person says so, not at the date: its texts need not wait before that.
        return activationOf(order, this.input.activation) === 'automatic' ? order.focAt : this.begunFor;
      case 'cancel-pending':
        // It may come too late: what has begun goes on, nothing is begun.
        return this.begunFor;
      default:
        return undefined;
    }
  }

  /** The last cutover of a number that is begun again has reported its end, and may not have closed yet. */
  private async startWhenClosed(child: CutoverInput): Promise<void> {
    const begun = (this.begun.get(child.numberKey) ?? 0) + 1;
    this.begun.set(child.numberKey, begun);
    for (;;) {
      try {
        await this.start({ ...child, begun });
        return;
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        await sleep(closingPauseMs, { summary: 'the last cutover of this number closes' });
      }
    }
  }

  /**
   * Tells each child what the carrier says of its number, but only what it needs: that voice moves before the date (at the date it looks
   * by itself), that voice has moved or will not, and that its texts have. A port of 500 numbers would else be a history of such news.
   */
  private async passOn(): Promise<void> {
    const due = (this.reading?.numbers ?? []).flatMap(({ numberKey, voice, messaging }) => {
      const said = this.newsIn(voice, messaging);
      const isNews = said !== '' && said !== this.told.get(numberKey);
      const news = { ...(!this.textsAlone && { voice }), ...(this.textsMoved(messaging) && { textsMoved: true }) };
      return isNews && this.open(numberKey) ? [{ numberKey, news, said }] : [];
    });
    for (const { numberKey, said } of due) this.told.set(numberKey, said);
    await inPortions(due, ({ numberKey, news, said }) => {
      if (said === textsRefused) return this.tell(numberKey, cutoverReturnedSignal, { reason: said });
      return this.tell(numberKey, cutoverNewsSignal, news);
    });
  }

  /** What of it a cutover can't find out by itself in time; empty when that is nothing. */
  private newsIn(voice: OrderedNumberReading['voice'], messaging: OrderedNumberReading['messaging']): string {
    if (this.textsAlone && (messaging === 'exception' || messaging === 'cancelled')) return textsRefused;
    const early = this.begunFor !== undefined && Date.parse(before(this.begunFor, this.input.marginMs)) > Date.now();
    const needless = voice === 'pending' || (voice === 'activating' && !early);
    return [...(needless ? [] : [voice]), ...(this.textsMoved(messaging) ? ['texts active'] : [])].join(', ');
  }

  private textsMoved(messaging: OrderedNumberReading['messaging']): boolean {
    return messaging === 'active' && this.input.messagingPlan !== 'stay';
  }

  private get textsAlone(): boolean {
    return this.input.messagingPlan === 'messaging-only';
  }

  private open(numberKey: string): boolean {
    return this.running.has(numberKey) && !this.undone.has(numberKey);
  }

  private async tellAll<T>(signal: SignalDefinition<[T]>, value: T): Promise<void> {
    const open = [...this.running].filter((numberKey) => this.open(numberKey));
    await inPortions(open, (numberKey) => this.tell(numberKey, signal, value));
  }

  /** By its id: whichever run of the port has started it. */
  private tell<T>(numberKey: string, signal: SignalDefinition<[T]>, value: T): Promise<void> {
    return tell(getExternalWorkflowHandle(workflowIds.cutover(this.input.portId, numberKey)), signal, value);
  }
}

async function inPortions<T>(all: readonly T[], act: (each: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += atATime) {
    await Promise.all(all.slice(from, from + atATime).map(act));
  }
}

function before(date: string, ms: number): string {
  return new Date(Date.parse(date) - ms).toISOString();
}
