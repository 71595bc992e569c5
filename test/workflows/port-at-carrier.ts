import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type {
  CutoverActivities,
  Findings,
  OrderReading,
  PapersActivities,
  PortActivities,
  Step,
} from '../../activities/interfaces.ts';
import type { CutoverState } from '../../domain/lifecycle/cutover.ts';
import type { OrderProblem, OrderState, OrderStatus } from '../../domain/lifecycle/order.ts';
import type { OrderClocks } from '../../domain/lifecycle/order-clocks.ts';
import type { Waiting } from '../../domain/lifecycle/waiting.ts';
import {
  activateUpdate,
  type CutoverInput,
  cancelUpdate,
  carrierNewsSignal,
  mainTaskQueue,
  type PortInput,
  type PortView,
  portStateQuery,
  rescheduleUpdate,
  snapBackAnsweredUpdate,
  snapBackUpdate,
  submitUpdate,
  supplementUpdate,
  workflowIds,
  workflowTypes,
} from '../../workflows/contract.ts';
import { pause, until } from '../simulator/until.ts';
import type { EngineInTest } from './engine-in-test.ts';

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** How long a test waits for a workflow to get somewhere, in real time. */
const patienceMs = 45 * second;

type ActivityName = keyof PortActivities | keyof CutoverActivities | keyof PapersActivities;

/** What the store was told, as it would stand there. */
export interface Projection {
  readonly counter: number;
  readonly order: OrderState;
  readonly waiting?: Waiting;
}

/**
 * One port with everything around it that is not the workflow: the gaining carrier's order, the portability database, the store.
 * A test sets what they say next, and reads what was asked of them and when.
 */
export class PortAtCarrier {
  readonly portId = `port_${randomUUID()}`;
  readonly carrierOrderId = `order_${randomUUID()}`;
  readonly input: PortInput;
  /** What the checks find. */
  problems: OrderProblem[] = [];
  /** What the carrier says of the order whenever it is read. */
  reading: OrderReading;
  /** What the carrier answers to what is asked of it, instead of `reading`; throws to refuse. */
  answers: Partial<Record<ActivityName, () => Promise<OrderReading> | OrderReading>> = {};
  /** What is known about every number's move; for single numbers `findingsOf`. */
  findings: Findings = { databaseNamesGaining: false, outboundProven: false, inboundProven: false };
  readonly findingsOf = new Map<string, Findings>();
  /** Every activity that ran, with the engine's time. */
  readonly calls: { readonly name: ActivityName; readonly at: number; readonly numberKey?: string }[] = [];
  /** By when what should have happened; none by default. Given what the order's moments are. */
  clocks: (moments: Parameters<PortActivities['readClocks']>[0]) => OrderClocks = () => ({});
  /** What was said to the carrier about the order. */
  readonly escalations: { readonly reason: string; readonly level?: number; readonly to?: string }[] = [];
  /** Which occasion each of them named. */
  readonly occasions: (string | undefined)[] = [];
  readonly projections: Projection[] = [];
  readonly cutovers = new Map<string, CutoverState>();
  /** Where in the timeline each cutover wrote its steps. */
  readonly written: { readonly chain: string; readonly firstStep: number; readonly types: readonly string[] }[] = [];
  readonly steps: Step[] = [];
  readonly #engine: EngineInTest;
  readonly #held = new Map<ActivityName, () => Promise<void>>();

  constructor(engine: EngineInTest, input: Partial<PortInput> = {}) {
    this.#engine = engine;
    this.input = {
      portId: this.portId,
      gainingCarrier: 'beta',
      losingCarrier: 'alpha',
      messagingPlan: 'move',
      activation: 'automatic',
      numberKeys: [`num_${randomUUID()}`, `num_${randomUUID()}`],
      marginMs: 15 * minute,
      proofDeadlineMs: 72 * hour,
      ...input,
    };
    this.reading = this.says('submitted');
  }

  /** What the carrier says when the order and all its numbers are at this point. */
  says(
    state: OrderReading['state'],
    rest: Partial<OrderReading> = {},
    voice: CutoverState['voice'] = state === 'ported' ? 'active' : 'pending',
  ): OrderReading {
    return {
      carrierOrderId: this.carrierOrderId,
      state,
      carrierState: `raw-${state}`,
      rejections: [],
      numbers: this.input.numberKeys.map((numberKey) => ({ numberKey, voice, messaging: 'pending' })),
      ...rest,
    };
  }

  activities(): PortActivities & CutoverActivities & Pick<PapersActivities, 'escalateOrder'> {
    const atCarrier =
      (name: 'submitOrder' | 'readOrder' | 'supplementOrder' | 'rescheduleOrder' | 'cancelOrder' | 'activateOrder') =>
      async () => {
        await this.#note(name);
        return (await this.answers[name]?.()) ?? this.reading;
      };
    return {
      checkPort: async () => {
        await this.#note('checkPort');
        return { problems: this.problems };
      },
      submitOrder: atCarrier('submitOrder'),
      readOrder: atCarrier('readOrder'),
      supplementOrder: atCarrier('supplementOrder'),
      cancelOrder: atCarrier('cancelOrder'),
      activateOrder: atCarrier('activateOrder'),
      rescheduleOrder: atCarrier('rescheduleOrder'),
      readClocks: async (moments) => this.clocks(moments),
      escalateOrder: async ({ reason, level, occasion, to }) => {
        await this.#note('escalateOrder');
        this.occasions.push(occasion);
        this.escalations.push({ reason, ...(level !== undefined && { level }), ...(to && { to }) });
        return { channels: ['api'] };
      },
      holdNumbers: async () => {
        await this.#note('holdNumbers');
        await this.answers.holdNumbers?.();
      },
      projectPort: async ({ counter, order, waiting, steps }) => {
        this.projections.push({ counter, order, ...(waiting && { waiting }) });
        this.steps.push(...steps);
      },
      releaseNumbers: async () => this.#note('releaseNumbers'),
      tellChecklist: async () => undefined,
      beginUncertainty: async ({ numberKey }) => this.#note('beginUncertainty', numberKey),
      assess: async ({ numberKey }) => {
        await this.#note('assess', numberKey);
        return this.findingsOf.get(numberKey) ?? this.findings;
      },
      settleNumber: async ({ numberKey }) => this.#note('settleNumber', numberKey),
      projectCutover: async ({ numberKey, cutover, chain, firstStep, steps }) => {
        this.cutovers.set(numberKey, cutover);
        this.written.push({ chain, firstStep, types: steps.map(({ type }) => type) });
        this.steps.push(...steps);
      },
    };
  }

  /** Makes the next answer of this activity wait until it is released. */
  hold(name: ActivityName): { readonly begun: Promise<void>; release(): void } {
    const begun = gate();
    const released = gate();
    this.#held.set(name, async () => {
      this.#held.delete(name);
      begun.open();
      await released.opened;
    });
    return { begun: begun.opened, release: released.open };
  }

  async start(): Promise<WorkflowHandle> {
    return this.#engine.env.client.workflow.start(workflowTypes.port, {
      workflowId: workflowIds.port(this.portId),
      taskQueue: mainTaskQueue,
      args: [this.input],
    });
  }

  /** Starts the cutover of the first number by itself, its date so many milliseconds from now. */
  async startCutover(inMs: number, rest: Partial<CutoverInput> = {}): Promise<WorkflowHandle> {
    const focAt = (await this.#engine.env.currentTimeMs()) + inMs;
    const { portId, gainingCarrier, losingCarrier, messagingPlan, marginMs, proofDeadlineMs } = this.input;
    const input: CutoverInput = {
      portId,
      numberKey: this.input.numberKeys[0] ?? '',
      plan: messagingPlan,
      gainingCarrier,
      losingCarrier,
      proofDeadlineMs,
      focAt: new Date(focAt).toISOString(),
      uncertainFrom: new Date(focAt - marginMs).toISOString(),
      ...rest,
    };
    return this.#engine.env.client.workflow.start(workflowTypes.cutover, {
      workflowId: workflowIds.cutover(portId, input.numberKey),
      taskQueue: mainTaskQueue,
      args: [input],
    });
  }

  get handle(): WorkflowHandle {
    return this.#engine.env.client.workflow.getHandle(workflowIds.port(this.portId));
  }

  cutover(numberKey = this.input.numberKeys[0] ?? ''): WorkflowHandle {
    return this.#engine.env.client.workflow.getHandle(workflowIds.cutover(this.portId, numberKey));
  }

  supplement(revision = 1): Promise<OrderState> {
    return this.handle.executeUpdate(supplementUpdate, { args: [{ revision }] });
  }

  cancel(): Promise<OrderState> {
    return this.handle.executeUpdate(cancelUpdate, { args: [{}] });
  }

  activate(): Promise<OrderState> {
    return this.handle.executeUpdate(activateUpdate);
  }

  reschedule(requestedFocAt: string, updateId?: string): Promise<OrderState> {
    return this.handle.executeUpdate(rescheduleUpdate, { args: [{ requestedFocAt }], ...(updateId && { updateId }) });
  }

  snapBack(): Promise<OrderState> {
    return this.handle.executeUpdate(snapBackUpdate, { args: [{ reason: 'texts-do-not-arrive' }] });
  }

  answerSnapBack(answer: 'accepted' | 'refused'): Promise<OrderState> {
    return this.handle.executeUpdate(snapBackAnsweredUpdate, { args: [{ answer }] });
  }

  submit(): Promise<OrderState> {
    const { gainingCarrier, losingCarrier, messagingPlan, activation, numberKeys } = this.input;
    const ordered = { gainingCarrier, losingCarrier, messagingPlan, activation, numberKeys };
    return this.handle.executeUpdate(submitUpdate, { args: [ordered] });
  }

  /** The date is agreed, so many milliseconds from now. @returns the date */
  async agrees(inMs: number): Promise<string> {
    const focAt = new Date((await this.#engine.env.currentTimeMs()) + inMs).toISOString();
    await this.news(this.says('foc-confirmed', { focAt }));
    await until(() => this.projected()?.focAt === focAt, patienceMs);
    return focAt;
  }

  /** Everything is proven from now on, and the carrier says that the numbers have moved. */
  async moves(): Promise<void> {
    this.findings = { databaseNamesGaining: true, outboundProven: true, inboundProven: true };
    await this.news(this.says('ported'));
  }

  /** The carrier changes the order and says so. */
  async news(reading: OrderReading): Promise<void> {
    this.reading = reading;
    await this.handle.signal(carrierNewsSignal, {});
  }

  /**
   * The order as it was written down last. Waiting for it asks the workflow nothing: a query that meets a workflow task makes the server that
   * skips time lose the task, and with it the signal that it was for.
   */
  projected(): OrderState | undefined {
    return this.projections.at(-1)?.order;
  }

  state(): Promise<PortView> {
    return this.handle.query(portStateQuery);
  }

  /** Waits, in real time, until the workflow has got to this status. */
  async reaches(status: OrderStatus): Promise<void> {
    await until(() => this.projected()?.status === status, patienceMs);
  }

  /** How often an activity ran; for one number only, if that is given. */
  count(name: ActivityName, numberKey?: string): number {
    return this.calls.filter((call) => call.name === name && (!numberKey || call.numberKey === numberKey)).length;
  }

  /** Events in the port's own history, once it has nothing left to do. */
  async events(): Promise<number> {
    let last = -1;
    await until(async () => {
      await pause(200);
      const before = last;
      last = (await this.handle.fetchHistory()).events?.length ?? 0;
      return last === before;
    }, patienceMs);
    return last;
  }

  /** Ends whatever of it still runs, so that its timers don't stand in the way of the next test. */
  async abandon(): Promise<void> {
    const all = [this.handle, ...this.input.numberKeys.map((numberKey) => this.cutover(numberKey))];
    await Promise.all(all.map((handle) => handle.terminate().catch(() => undefined)));
  }

  /** Types of the timeline's steps that begin so, in order. */
  stepsOf(prefix: string): string[] {
    return this.steps.map((step) => step.type).filter((type) => type.startsWith(prefix));
  }

  async #note(name: ActivityName, numberKey?: string): Promise<void> {
    const at = Context.current().info.currentAttemptScheduledTimestampMs;
    this.calls.push({ name, at, ...(numberKey && { numberKey }) });
    await this.#held.get(name)?.();
  }
}

/** The type with which an update was turned down; undefined when it was taken. */
export async function turnedDown(update: Promise<unknown>): Promise<string | null | undefined> {
  const error = await update.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return undefined;
  if (!(error instanceof WorkflowUpdateFailedError)) throw error;
  return error.cause instanceof ApplicationFailure ? error.cause.type : undefined;
}

/** The carrier's definite no, as the activities report it. */
export function refusal(code: string): never {
  throw ApplicationFailure.nonRetryable('The carrier said no.', 'carrier-refused', code);
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
