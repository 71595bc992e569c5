import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { proxyLocalActivities, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { PlanActivities, Step } from '../activities/interfaces.ts';
import { newPlan, nextPlan, type PlanEvent, type PlanState } from '../domain/lifecycle/plan.ts';
import { callerOfUpdate } from './caller.ts';
import { type PlanInput, type PlanPosition, searchAttributeNames } from './contract.ts';
import { nowIso } from './time.ts';

const { projectPlan } = proxyLocalActivities<Pick<PlanActivities, 'projectPlan'>>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

const statusAttribute = defineSearchAttributeKey(searchAttributeNames.status, SearchAttributeType.KEYWORD);

/** Where a plan stands, its steps for the timeline, and how both reach the store and the Web UI. */
export class PlanRecord {
  state: PlanState;
  /** Orders whose process has been started: the first so many. */
  begun: number;
  private readonly planId: string;
  private counter: number;
  private stepsWritten: number;
  private steps: Step[] = [];
  private changed: boolean;

  constructor({ planId, carried }: PlanInput) {
    this.planId = planId;
    this.state = carried?.state ?? newPlan(nowIso());
    this.begun = carried?.begun ?? 0;
    this.counter = carried?.counter ?? 0;
    this.stepsWritten = carried?.stepsWritten ?? 0;
    this.changed = carried === undefined;
  }

  /** What the next run begins with; after `project`, so that no step is lost. */
  get position(): PlanPosition {
    const { state, begun, counter, stepsWritten } = this;
    return { state, begun, counter, stepsWritten };
  }

  /** Feeds an event to the life cycle and notes a change of status as a step. */
  apply(event: PlanEvent): PlanState {
    const before = this.state;
    this.state = nextPlan(before, event, nowIso());
    const { notCancelled, orders } = this.state;
    if (notCancelled !== undefined && notCancelled !== before.notCancelled) {
      const detail = `The cancellation came too late for ${notCancelled} of ${orders} orders: they go on, or have moved.`;
      this.step('portsms', 'plan.cancel-too-late', detail);
    }
    if (this.state.status !== before.status) {
      this.step('portsms', `plan.${this.state.status}`, `The plan is ${this.state.status}.`);
      upsertSearchAttributes([{ key: statusAttribute, value: this.state.status }]);
    }
    return this.state;
  }

  step(actor: Step['actor'], type: string, detail: string): void {
    const by = actor === 'caller' ? callerOfUpdate() : {};
    this.steps.push({ at: nowIso(), actor, ...by, type, detail });
    this.changed = true;
  }

  /** Writes state and steps to the store, in one local activity; the Web UI shows the roll-up in any case. */
  async project(): Promise<void> {
    setCurrentDetails(this.describe());
    if (!this.changed) return;
    this.changed = false;
    const steps = this.steps;
    this.steps = [];
    const { planId, state, stepsWritten: firstStep } = this;
    // Before anything is awaited: orders that begin side by side each write their step.
    this.stepsWritten += steps.length;
    await projectPlan({ planId, counter: ++this.counter, state, firstStep, steps });
  }

  private describe(): string {
    const { status, since, orders, problems, rollUp } = this.state;
    const { byStatus } = rollUp.orders;
    const { ordered, uncertain, ported, returned } = rollUp.numbers;
    return [
      `Plan: **${status}** since ${since}.`,
      orders !== undefined &&
        `Orders: ${orders}, begun: ${this.begun}; numbers that can't be ported: ${problems ?? 0}.`,
      ...Object.entries(byStatus).map(([of, count]) => `- ${of}: ${count}`),
      `Numbers ordered: ${ordered}; uncertain: ${uncertain}; ported: ${ported}; returned: ${returned}.`,
    ]
      .filter(Boolean)
      .join('\n\n');
  }
}
