import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { OptOutMoveActivities, Step, TextRemovalActivities } from '../../activities/interfaces.ts';
import type { RemovalState } from '../../domain/lifecycle/text-removal.ts';
import { mainTaskQueue, type TextRemovalInput, workflowIds, workflowTypes } from '../../workflows/contract.ts';
import type { EngineInTest } from './engine-in-test.ts';
import { day, PortAtCarrier } from './port-at-carrier.ts';

/** A removal with everything around it that is not the workflow. */
export class RemovalAtCarrier {
  readonly cutovers: PortAtCarrier;
  readonly input: TextRemovalInput;
  problems: RemovalState['problems'] = [];
  /** What the carrier answers each time that it is asked; the last one for ever. */
  answers: Awaited<ReturnType<TextRemovalActivities['removeTexts']>>[] = [{ left: [] }];
  listIsUnreadable = false;
  readonly calls: string[] = [];
  readonly projections: { counter: number; removal: RemovalState; waiting?: unknown }[] = [];
  readonly steps: Step[] = [];
  readonly ended: string[] = [];
  readonly #engine: EngineInTest;

  constructor(engine: EngineInTest, nextCarrier?: string) {
    this.#engine = engine;
    this.cutovers = new PortAtCarrier(engine);
    this.input = {
      removalId: `txr_${randomUUID()}`,
      carrier: 'telnyx',
      ...(nextCarrier && { nextCarrier }),
      numberKeys: [`num_${randomUUID()}`, `num_${randomUUID()}`],
      proofDeadlineMs: day,
    };
  }

  activities() {
    const removal: TextRemovalActivities & Pick<OptOutMoveActivities, 'exportOptOuts'> = {
      checkTextRemoval: async () => {
        this.calls.push('check');
        return { problems: this.problems };
      },
      exportOptOuts: async () => {
        this.calls.push('export');
        if (this.listIsUnreadable) throw ApplicationFailure.retryable('The carrier does not answer.');
      },
      holdTexts: async () => void this.calls.push('hold'),
      removeTexts: async () => {
        this.calls.push('remove');
        return (this.answers.length > 1 ? this.answers.shift() : this.answers[0]) ?? { left: [] };
      },
      endTexts: async ({ left }) => {
        this.calls.push('end');
        this.ended.push(...this.input.numberKeys.filter((key) => !left.includes(key)));
      },
      projectTextRemoval: async ({ counter, removal: state, waiting, steps }) => {
        this.projections.push({ counter, removal: state, waiting });
        this.steps.push(...steps);
      },
      releaseRemovedNumbers: async () => void this.calls.push('release'),
    };
    return { ...this.cutovers.activities(), ...removal };
  }

  start() {
    return this.#engine.env.client.workflow.start(workflowTypes.textRemoval, {
      workflowId: workflowIds.textRemoval(this.input.removalId),
      taskQueue: mainTaskQueue,
      args: [this.input],
    });
  }

  get last() {
    return this.projections.at(-1)?.removal;
  }
}
