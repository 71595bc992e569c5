import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import {
  getExternalWorkflowHandle,
  proxyLocalActivities,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { OrderReading, PortActivities, Step } from '../activities/interfaces.ts';
import { newOrder, nextOrder, type OrderEvent, type OrderState } from '../domain/lifecycle/order.ts';
import { waitingOf } from '../domain/lifecycle/waiting.ts';
import { callerOfUpdate } from './caller.ts';
import { type PortInput, planNewsSignal, searchAttributeNames, workflowIds } from './contract.ts';
import { tell } from './tell.ts';
import { nowIso } from './time.ts';

const { projectPort } = proxyLocalActivities<PortActivities>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

const statusAttribute = defineSearchAttributeKey(searchAttributeNames.status, SearchAttributeType.KEYWORD);

/** Where a port stands: the order's state, its steps for the timeline, and how both reach the store and the Web UI. */
export class PortRecord {
  order: OrderState;
  carrierOrderId: string | undefined;
  private readonly input: PortInput;
  private counter = 0;
  private stepsWritten = 0;
  private steps: Step[] = [];
  private changed = true;
  /** The status that the plan knows; a plan knows that its orders are checked at first. */
  private told: OrderState['status'] = 'checking';

  constructor(input: PortInput) {
    this.input = input;
    this.order = newOrder(nowIso());
  }

  /** Feeds an event to the life cycle and notes a change of status as a step. */
  apply(event: OrderEvent): OrderState {
    const before = this.order;
    this.order = nextOrder(before, event, nowIso());
    if (this.order !== before) this.changed = true;
    if (this.order.status !== before.status) {
      const problems = this.order.problems.map((problem) => problem.code).join(', ');
      this.step(
        event.type === 'carrier' ? 'carrier' : 'portsms',
        `order.${this.order.status}`,
        [
          `The order is ${this.order.status}`,
          problems && `: ${problems}`,
          this.order.focAt && `, date ${this.order.focAt}`,
          '.',
        ]
          .filter(Boolean)
          .join(''),
      );
      upsertSearchAttributes([{ key: statusAttribute, value: this.order.status }]);
    }
    return this.order;
  }

  /** Takes over what the carrier says of the order. */
  read(reading: OrderReading): void {
    if (this.carrierOrderId !== reading.carrierOrderId) this.changed = true;
    this.carrierOrderId = reading.carrierOrderId;
    const { state, carrierState, focAt, rejections } = reading;
    this.apply({ type: 'carrier', view: { state, carrierState, rejections, ...(focAt && { focAt }) } });
  }

  step(actor: Step['actor'], type: string, detail: string, carrierEventId?: string): void {
    const by = actor === 'caller' ? callerOfUpdate() : {};
    this.steps.push({ at: nowIso(), actor, ...by, type, detail, ...(carrierEventId && { carrierEventId }) });
    this.changed = true;
  }

  /** Writes state and steps to the store, in one local activity, and the state to the Web UI; nothing when nothing changed. */
  async project(): Promise<void> {
    if (!this.changed) return;
    this.changed = false;
    const steps = this.steps;
    this.steps = [];
    const waiting = waitingOf(this.order, this.input);
    setCurrentDetails(this.describe());
    await projectPort({
      portId: this.input.portId,
      counter: ++this.counter,
      order: this.order,
      firstStep: this.stepsWritten,
      steps,
      ...(this.carrierOrderId && { carrierOrderId: this.carrierOrderId }),
      ...(waiting && { waiting }),
    });
    this.stepsWritten += steps.length;
    await this.tellPlan();
  }

  /** After the store has it: the plan looks there (invariant 6). */
  private async tellPlan(): Promise<void> {
    const { planId, portId } = this.input;
    const { status } = this.order;
    if (planId === undefined || status === this.told) return;
    this.told = status;
    await tell(getExternalWorkflowHandle(workflowIds.plan(planId)), planNewsSignal, { portId, status });
  }

  private describe(): string {
    const waiting = waitingOf(this.order, this.input);
    return [
      `Order: **${this.order.status}**${this.order.carrierState ? ` (carrier: ${this.order.carrierState})` : ''} since ${this.order.since}.`,
      waiting &&
        `Waits for ${waiting.what}${waiting.until ? ` until ${waiting.until}` : ''}${waiting.next ? `; then ${waiting.next}` : ''}.`,
      ...this.order.problems.map((problem) => `- ${problem.code}: ${problem.message}`),
    ]
      .filter(Boolean)
      .join('\n\n');
  }
}
