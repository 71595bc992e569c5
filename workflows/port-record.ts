import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { proxyLocalActivities, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { OrderReading, PortActivities, Step } from '../activities/interfaces.ts';
import { isBefore } from '../domain/lifecycle/moment.ts';
import { newOrder, nextOrder, type OrderEvent, type OrderState, problemsOf } from '../domain/lifecycle/order.ts';
import { type Wait, waitingOf, waitOf } from '../domain/lifecycle/waiting.ts';
import { callerOfUpdate } from './caller.ts';
import { type OrderedNumbers, type PortCarried, type PortInput, searchAttributeNames } from './contract.ts';
import { type NewStep, stepsOf } from './order-steps.ts';
import { reportToPlan } from './plan-report.ts';
import { nowIso } from './time.ts';

const { projectPort, readClocks } = proxyLocalActivities<PortActivities>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

const attribute = {
  status: defineSearchAttributeKey(searchAttributeNames.status, SearchAttributeType.KEYWORD),
  carrier: defineSearchAttributeKey(searchAttributeNames.carrier, SearchAttributeType.KEYWORD),
};

/** Where a port stands: the order's state, its steps for the timeline, and how both reach the store and the Web UI. */
export class PortRecord {
  /** What is ordered; of a draft only when it is submitted. */
  input: PortInput;
  order: OrderState;
  carrierOrderId: string | undefined;
  private counter: number;
  private stepsWritten: number;
  private clocksFor: string | undefined;
  /** The status that the plan knows; a plan knows that its orders are checked at first. */
  private reported: OrderState['status'];
  private steps: Step[];
  private changed = true;

  constructor(input: PortInput) {
    const { carried } = input;
    this.input = input;
    this.order = carried?.order ?? newOrder(nowIso(), input.draft ? 'draft' : 'checking');
    this.carrierOrderId = carried?.carrierOrderId;
    this.counter = carried?.counter ?? 0;
    this.stepsWritten = carried?.stepsWritten ?? 0;
    this.clocksFor = carried?.clocksFor;
    this.reported = carried?.reported ?? (carried ? this.order.status : 'checking');
    this.steps = [...(carried?.steps ?? [])];
  }

  /** What the next run of this workflow has to know. */
  carry(): Omit<PortCarried, 'handledUpdates' | 'cutovers'> {
    const { order, carrierOrderId, counter, stepsWritten, clocksFor, steps, reported } = this;
    return { order, carrierOrderId, counter, stepsWritten, clocksFor, steps, reported };
  }

  begin(): void {
    if (this.input.draft) this.step('caller', 'port.draft-saved', 'A draft was saved.');
    else this.step('caller', 'port.requested', `A port was requested; numbers: ${this.input.numberKeys.length}.`);
  }

  /** What is ordered is settled from now on. */
  settle(ordered: OrderedNumbers): void {
    const moves = ordered.gainingCarrier !== this.input.gainingCarrier;
    this.input = { ...this.input, ...ordered };
    if (moves) upsertSearchAttributes([{ key: attribute.carrier, value: ordered.gainingCarrier }]);
  }

  /** Feeds an event to the life cycle and notes what changed by it as steps. */
  apply(event: OrderEvent): OrderState {
    const before = this.order;
    this.order = nextOrder(before, event, nowIso());
    if (this.order !== before) this.changed = true;
    for (const step of stepsOf(before, this.order, event, this.input.activation)) this.note(step);
    if (this.order.status !== before.status) {
      upsertSearchAttributes([{ key: attribute.status, value: this.order.status }]);
    }
    return this.order;
  }

  /** Takes over what the carrier says of the order. */
  read(reading: OrderReading): void {
    if (this.carrierOrderId !== reading.carrierOrderId) this.changed = true;
    this.carrierOrderId = reading.carrierOrderId;
    const { carrierOrderId: _id, numbers: _each, ...view } = reading;
    this.apply({ type: 'carrier', view });
  }

  step(actor: Step['actor'], type: string, detail: string, carrierEventId?: string): void {
    const by = actor === 'caller' ? callerOfUpdate() : {};
    this.note({ actor, ...by, type, detail, ...(carrierEventId && { carrierEventId }) });
  }

  /** Something has changed that is not in the store yet. */
  get unwritten(): boolean {
    return this.changed;
  }

  /** What the order waits for. @param at RFC 3339; now, unless told */
  wait(at = nowIso()): Wait | undefined {
    return waitOf(this.order, this.input, at);
  }

  /** Writes state and steps to the store, in one local activity, and the state to the Web UI; nothing when nothing changed. */
  async project(): Promise<void> {
    await this.setClocks();
    if (!this.changed) return;
    this.changed = false;
    const { steps, order } = this;
    const firstStep = this.stepsWritten;
    this.steps = [];
    // Before anything is awaited: deadlines are projected beside whatever else goes on.
    this.stepsWritten += steps.length;
    const waiting = waitingOf(this.order, this.input, nowIso());
    setCurrentDetails(this.describe());
    await projectPort({
      portId: this.input.portId,
      counter: ++this.counter,
      order,
      firstStep,
      steps,
      ...(this.carrierOrderId && { carrierOrderId: this.carrierOrderId }),
      ...(waiting && { waiting }),
    });
    // What the store has: what came meanwhile is reported once it is written, too.
    if (this.reported === order.status) return;
    this.reported = order.status;
    await reportToPlan(this.input, order);
  }

  /** The clocks are asked anew when the order has moved on, or a window of activation has closed. */
  private async setClocks(): Promise<void> {
    const { status, submittedAt, focAt, activatedAt, conflictSince, onDemand, clocks } = this.order;
    const moments = { submittedAt, focAt, activatedAt, conflictSince, onDemand };
    const asked = JSON.stringify([status, moments]);
    const closed = clocks?.activationClosesAt !== undefined && !isBefore(nowIso(), clocks.activationClosesAt);
    if (asked === this.clocksFor && !(closed && status === 'foc-confirmed')) return;
    this.clocksFor = asked;
    this.apply({ type: 'clocks-set', clocks: await readClocks({ portId: this.input.portId, ...moments }) });
  }

  private note(step: NewStep): void {
    this.steps.push({ at: nowIso(), ...step });
    this.changed = true;
  }

  private describe(): string {
    const { status, carrierState, since } = this.order;
    const waiting = waitingOf(this.order, this.input, nowIso());
    return [
      `Order: **${status}**${carrierState ? ` (carrier: ${carrierState})` : ''} since ${since}.`,
      waiting && `Waits for ${waiting.what} until ${waiting.until}; then ${waiting.next}.`,
      ...problemsOf(this.order).map((problem) => `- ${problem.code}: ${problem.message}`),
    ]
      .filter(Boolean)
      .join('\n\n');
  }
}
