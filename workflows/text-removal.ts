import {
  ApplicationFailure,
  condition,
  ParentClosePolicy,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  startChild,
} from '@temporalio/workflow';
import type { OrderReading, Step, TextRemovalActivities } from '../activities/interfaces.ts';
import { isFinalOrder } from '../domain/lifecycle/order.ts';
import {
  canCancelRemoval,
  newRemoval,
  nextRemoval,
  type RemovalEvent,
  type RemovalState,
  removalOverdueMs,
  waitingOfRemoval,
} from '../domain/lifecycle/text-removal.ts';
import { callerOfUpdate } from './caller.ts';
import {
  cancelRemovalUpdate,
  cutoverEndedSignal,
  removalStateQuery,
  type TextRemovalInput,
  workflowIds,
} from './contract.ts';
import { cutoverWorkflow } from './cutover.ts';
import { CutoverChildren } from './cutover-children.ts';
import { heartbeatTimeout } from './heartbeat.ts';
import { exportBeforeTheMove } from './opt-out-export.ts';
import { nowIso } from './time.ts';

const { checkTextRemoval, holdTexts, removeTexts, endTexts, releaseRemovedNumbers } =
  proxyActivities<TextRemovalActivities>({
    startToCloseTimeout: '60 seconds',
    heartbeatTimeout,
    retry: { initialInterval: '1 second', maximumInterval: '5 minutes' },
  });
const { projectTextRemoval } = proxyLocalActivities<Pick<TextRemovalActivities, 'projectTextRemoval'>>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

/** The carrier may take its time: it is asked again ever more rarely. Milliseconds. */
const firstPauseMs = 5000;
const longestPauseMs = 3600_000;

/**
 * Takes texts away from a carrier that hosts them. They wait while the carrier lets them go. Then they go by the carrier that was named
 * for them, as soon as that is proven by a text each way; or, where none was named, they are refused with that reason. What the carrier
 * will not let go stays with it.
 */
export async function textRemovalWorkflow(input: TextRemovalInput): Promise<void> {
  const { removalId, nextCarrier } = input;
  const record = new RemovalRecord(input);
  const cutovers = nextCarrier === undefined ? undefined : cutoversTo(nextCarrier, input);

  setHandler(removalStateQuery, () => record.removal);
  setHandler(cutoverEndedSignal, (report) => void cutovers?.ended(report));
  setHandler(
    cancelRemovalUpdate,
    () => {
      record.step('caller', 'order.cancel-requested', 'A cancellation was requested.');
      return record.apply({ type: 'cancel-requested' });
    },
    {
      validator: () => {
        const { status } = record.removal;
        if (canCancelRemoval(record.removal)) return;
        throw ApplicationFailure.nonRetryable(`This order is ${status}.`, 'order-not-cancellable', { status });
      },
    },
  );

  record.step(
    'caller',
    'texts.removal-requested',
    `The removal of texts was requested; numbers: ${input.numberKeys.length}.`,
  );
  record.apply({ type: 'checked', ...(await checkTextRemoval({ removalId })) });
  // The carrier's list may go with the texts.
  if (!isFinalOrder(record.removal.status)) await exportBeforeTheMove(removalId);

  if (!isFinalOrder(record.removal.status)) {
    // From here on no text goes by the carrier that is about to let the numbers go.
    record.apply({ type: 'asked' });
    await record.project();
    if (cutovers) await cutovers.begin(nowIso());
    else await holdTexts({ removalId });

    const { left, refused } = await lettingGo();
    record.apply({ type: 'stopped', ...(refused && { refused }) });
    await record.project();

    if (cutovers) {
      cutovers.hear(readingOf(input, left));
      await cutovers.follow({ ...record.removal, ported: true });
      await condition(() => cutovers.allEnded());
    } else await endTexts({ removalId, left });
    record.apply({ type: 'settled', failed: cutovers?.returned() ?? left.length });
  }
  await releaseRemovedNumbers({ removalId });
  await record.project();

  /** Asks the carrier until it hosts none of the numbers any more, or says no. */
  async function lettingGo() {
    const overdueAt = Date.now() + removalOverdueMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      const answer = await removeTexts({ removalId });
      if (answer.left.length === 0 || answer.refused) return answer;
      if (record.noteOverdue(overdueAt)) await record.project();
      await sleep(pauseMs, { summary: 'the carrier to let the texts go' });
    }
  }
}

function cutoversTo(nextCarrier: string, input: TextRemovalInput): CutoverChildren {
  const { removalId, carrier, numberKeys, proofDeadlineMs } = input;
  return new CutoverChildren(
    {
      portId: removalId,
      gainingCarrier: nextCarrier,
      losingCarrier: carrier,
      messagingPlan: 'messaging-only',
      activation: 'automatic',
      numberKeys,
      marginMs: 0,
      proofDeadlineMs,
    },
    (child) =>
      startChild(cutoverWorkflow, {
        workflowId: workflowIds.cutover(removalId, child.numberKey),
        args: [child],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: 'cutover of the texts of one number',
      }),
  );
}

/** What the cutovers have to know: whose texts the carrier has let go. */
function readingOf({ numberKeys }: TextRemovalInput, left: readonly string[]): OrderReading {
  return {
    carrierOrderId: '',
    state: 'ported',
    carrierState: '',
    rejections: [],
    numbers: numberKeys.map((numberKey) => ({
      numberKey,
      voice: 'pending',
      messaging: left.includes(numberKey) ? 'exception' : 'active',
    })),
  };
}

/** Where a removal stands, and how it reaches the store and the Web UI. */
class RemovalRecord {
  removal: RemovalState;
  private readonly input: TextRemovalInput;
  private counter = 0;
  private stepsWritten = 0;
  private steps: Step[] = [];
  private overdue = false;

  constructor(input: TextRemovalInput) {
    this.input = input;
    this.removal = newRemoval(nowIso());
  }

  apply(event: RemovalEvent): RemovalState {
    const before = this.removal;
    this.removal = nextRemoval(before, event, nowIso());
    if (this.removal.status !== before.status) {
      const problems = this.removal.problems.map(({ code }) => code).join(', ');
      const { status } = this.removal;
      this.step('portsms', `order.${status}`, `The removal is ${status}${problems && `: ${problems}`}.`);
    }
    return this.removal;
  }

  step(actor: Step['actor'], type: string, detail: string): void {
    const by = actor === 'caller' ? callerOfUpdate() : {};
    this.steps.push({ at: nowIso(), actor, ...by, type, detail });
  }

  /** @returns true when it is noted for the first time */
  noteOverdue(at: number): boolean {
    if (this.overdue || Date.now() < at) return false;
    this.overdue = true;
    this.step(
      'portsms',
      'order.overdue',
      'The carrier still hosts texts that it was asked to let go; ask its support.',
    );
    return true;
  }

  async project(): Promise<void> {
    const steps = this.steps;
    this.steps = [];
    const waiting = waitingOfRemoval(this.removal, this.input.proofDeadlineMs);
    setCurrentDetails(`Removal: **${this.removal.status}**.${waiting ? ` Waits for ${waiting.what}.` : ''}`);
    await projectTextRemoval({
      removalId: this.input.removalId,
      counter: ++this.counter,
      removal: this.removal,
      firstStep: this.stepsWritten,
      steps,
      ...(waiting && { waiting }),
    });
    this.stepsWritten += steps.length;
  }
}
