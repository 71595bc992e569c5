import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { PortOutActivities, PortOutReading, Step } from '../../activities/interfaces.ts';
import type { PortOutAnswer, PortOutProposal, PortOutState } from '../../domain/lifecycle/port-out.ts';
import type { Waiting } from '../../domain/lifecycle/waiting.ts';
import {
  authorizePortOutUpdate,
  mainTaskQueue,
  portOutNewsSignal,
  portOutStateQuery,
  rejectPortOutUpdate,
  workflowIds,
  workflowTypes,
} from '../../workflows/contract.ts';
import { until } from '../simulator/until.ts';
import type { EngineInTest } from './engine-in-test.ts';

export const hour = 3600_000;

/** One port-out with everything around it that is not the workflow: a test sets what the carrier says, and reads what was done and when. */
export class PortOutAtCarrier {
  readonly portOutId = `pout_${randomUUID()}`;
  /** What the check proposes; throws to fail. */
  proposal: PortOutProposal | (() => never) = { decision: 'authorize' };
  /** What the carrier says whenever it is read; by itself it takes silence for approval. */
  says: Omit<PortOutReading, 'clocks' | 'numbers'> = { state: 'pending', carrierState: 'pending' };
  /** What an answer makes of it; throws to refuse. */
  takes: (answer: PortOutAnswer) => typeof this.says = ({ decision }) =>
    decision === 'authorize'
      ? { state: 'authorized', carrierState: 'authorized', focAt: this.at(72) }
      : { state: 'rejecting', carrierState: 'rejected-pending' };
  readonly answers: { answer: PortOutAnswer; by: string; hours: number }[] = [];
  readonly stages: { stage: string; hours: number }[] = [];
  readonly projections: { state: PortOutState; waiting?: Waiting }[] = [];
  readonly steps: Step[] = [];
  announced = 0;
  /** Hours after the request at which silence counts, and at which the default is answered. */
  deadline = { answer: 24, decide: 22 };
  reads = 0;
  readonly #engine: EngineInTest;
  #began = 0;

  constructor(engine: EngineInTest) {
    this.#engine = engine;
  }

  /** So many hours after the request. */
  at(hours: number): string {
    return new Date(this.#began + hours * hour).toISOString();
  }

  activities(): PortOutActivities {
    const hours = () => (Context.current().info.currentAttemptScheduledTimestampMs - this.#began) / hour;
    const reading = (): PortOutReading => ({
      ...this.says,
      clocks: { answerDueAt: this.at(this.deadline.answer), decideBy: this.at(this.deadline.decide) },
      numbers: 2,
    });
    return {
      readPortOut: async () => {
        this.reads += 1;
        return reading();
      },
      checkPortOut: async () => {
        if (typeof this.proposal === 'function') this.proposal();
        return { findings: ['unverified'], eligible: ['1001', '1002'], proposal: this.proposal as PortOutProposal };
      },
      answerPortOut: async ({ answer, by }) => {
        this.answers.push({ answer, by, hours: Math.round(hours()) });
        this.says = this.takes(answer);
        return reading();
      },
      announceReview: async () => {
        this.announced += 1;
        return true;
      },
      followNumbers: async ({ stage }) => {
        this.stages.push({ stage, hours: Math.round(hours()) });
        return 2;
      },
      projectPortOut: async ({ state, waiting, firstStep, steps }) => {
        // As the store does: by position.
        steps.forEach((step, index) => {
          this.steps[firstStep + index] = step;
        });
        this.projections.push({ state, ...(waiting && { waiting }) });
      },
    };
  }

  async start(): Promise<WorkflowHandle> {
    this.#began = await this.#engine.env.currentTimeMs();
    const { portOutId } = this;
    return this.#engine.env.client.workflow.start(workflowTypes.portOut, {
      workflowId: workflowIds.portOut(portOutId),
      taskQueue: mainTaskQueue,
      args: [{ portOutId, carrier: 'telnyx', carrierPortOutId: 'po-1' }],
    });
  }

  get handle(): WorkflowHandle {
    return this.#engine.env.client.workflow.getHandle(workflowIds.portOut(this.portOutId));
  }

  state(): Promise<PortOutState | undefined> {
    return this.handle.query(portOutStateQuery);
  }

  authorize(): Promise<PortOutState> {
    return this.handle.executeUpdate(authorizePortOutUpdate);
  }

  reject(code: string): Promise<PortOutState> {
    return this.handle.executeUpdate(rejectPortOutUpdate, { args: [{ code }] });
  }

  /** The carrier changes it and says so. */
  async news(says: typeof this.says): Promise<void> {
    this.says = says;
    await this.handle.signal(portOutNewsSignal, { eventId: 'telnyx/e-1' });
  }

  /** Looks at what is written down, and asks the workflow nothing (see `PortAtCarrier.projected`). */
  async reaches(status: PortOutState['status']): Promise<void> {
    await until(() => this.projections.at(-1)?.state.status === status, 20_000);
  }

  get types(): string[] {
    return this.steps.map(({ type }) => type);
  }

  async abandon(): Promise<void> {
    await this.handle.terminate().catch(() => undefined);
  }
}

/** The carrier's definite no, as the activities report it. */
export function refuse(code: string): never {
  throw ApplicationFailure.nonRetryable('The carrier refused.', 'carrier-refused', code);
}

/** A failure that goes away by itself. */
export function away(): never {
  throw ApplicationFailure.retryable('No connection.', 'carrier-unavailable');
}
