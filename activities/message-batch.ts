import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { idsOfRuns } from '../domain/batch-line.ts';
import { isFinal } from '../domain/message.ts';
import type { Engine } from '../intake/engine.ts';
import { waiting } from '../store/batch-texts.ts';
import type { BatchPart, Tally } from '../store/message-batches.ts';
import type { MessageChange, MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import { workflowIds } from '../workflows/contract.ts';
import type { MessageBatchActivities } from './interfaces.ts';
import { submissionsAtATime } from './submission-desk.ts';

/**
 * Parts of which some texts have not been submitted yet: as many as one process submits at a time. What is beyond waits in the store, where a pause keeps
 * it back.
 */
const partsAtATime = submissionsAtATime;
/** Shorter than the grace that a worker has for its end (worker/workers.ts). */
const feedsForMs = 8_000;
const lookEveryMs = 100;
const partsPerPage = 100;

/** Bulks of texts: gives their texts to message workflows, counts them, stops them. Every call may be made twice. */
export function createMessageBatchActivities(deps: {
  readonly store: Pick<Store, 'messages' | 'messageBatches' | 'batchTexts'>;
  readonly engine: Pick<Engine, 'startMessages' | 'settled'>;
}): MessageBatchActivities {
  const { store, engine } = deps;
  const { messageBatches, batchTexts } = store;

  /** Starts the workflow of a part. To do it twice is harmless (invariant 4). */
  async function start(part: BatchPart): Promise<void> {
    await engine.startMessages(idsOfRuns(part.batchId, part.lines), part.kind, part.batchId);
    await messageBatches.movePart(part._id, 'started');
  }

  /** Writes down what has become of the texts of a part. @returns how many are not final */
  async function note(part: BatchPart, tally: readonly Tally[]): Promise<number> {
    const open = openIn(tally);
    await messageBatches.movePart(part._id, open === 0 ? 'closed' : 'through', tally);
    return open;
  }

  const count = async (part: BatchPart) => note(part, await batchTexts.tally(part));

  /** Ends the texts of a part that can still be stopped, and tells their workflows. */
  async function stop(part: BatchPart): Promise<void> {
    const workflows = new Set<string>();
    // What its workflow changed while it was to be stopped is found by the next look.
    for (;;) {
      const found = await batchTexts.stoppable(part);
      if (found.length === 0) break;
      const now = new Date();
      // A run that was cut off may have given a part away without saying so: then some of its texts are not as they were stored.
      if (part.state === 'stored' && found.every(isOpen)) {
        const ids = found.map((message) => message._id);
        await store.messages.change(ids, (message) => (isOpen(message) ? stopped(message, now) : undefined), found);
      } else {
        await batchTexts.changeEach(found, (message) => stopped(message, now));
      }
      for (const { workflowId } of found) if (workflowId && workflowId !== part.batchId) workflows.add(workflowId);
    }
    await count(part);
    // Write first, look second (invariant 6).
    const open = await store.messages.haveOpen([...workflows]);
    for (const workflowId of workflows) if (!open.has(workflowId)) await engine.settled(workflowId);
  }

  return {
    async feedBatch({ batchId }) {
      const until = performance.now() + feedsForMs;
      const { cancellationSignal } = Context.current();
      const underWay = await messageBatches.partsIn(batchId, 'started', partsPerPage);
      /** Counts a part that is through. @returns whether it was */
      const isThrough = async (place: number): Promise<boolean> => {
        const part = underWay[place];
        if (!part || (await batchTexts.someWait(part, workflowOf(part)))) return false;
        const tally = await batchTexts.tally(part);
        if (tally.some(({ status }) => waiting.includes(status))) return false;
        await note(part, tally);
        underWay.splice(place, 1);
        return true;
      };
      let next: BatchPart | undefined;
      let some = false;
      for (let turn = 1; performance.now() < until && !cancellationSignal.aborted; turn++) {
        // The oldest is the first to be through, as a rule; when its texts wait, those of others may not: these are looked at in turn.
        if (await isThrough(0)) continue;
        if (underWay.length > 1 && (await isThrough(1 + (turn % (underWay.length - 1))))) continue;
        next ??= (await messageBatches.partsIn(batchId, 'stored', 1))[0];
        if (!next) return { all: true, some };
        if (underWay.length >= partsAtATime) {
          await sleep(lookEveryMs);
          continue;
        }
        if ((await messageBatches.find(batchId))?.status !== 'sending') return { all: false, some };
        await start(next);
        underWay.push(next);
        next = undefined;
        some = true;
      }
      return { all: false, some };
    },

    async stopBatchTexts({ batchId }) {
      for await (const part of messageBatches.parts(batchId)) {
        if (part.state !== 'closed') await stop(part);
      }
    },

    async countBatch({ batchId }) {
      let open = 0;
      for await (const part of messageBatches.parts(batchId)) {
        if (part.state !== 'closed') open += await count(part);
      }
      return { open };
    },

    async projectBatch({ batchId, counter, state }) {
      const ended = state.status === 'completed' || state.status === 'cancelled';
      const account = ended ? (await messageBatches.progress(batchId)).tally : undefined;
      await messageBatches.project(batchId, counter, state, account);
    },
  };
}

/** The workflow that the part is given to (intake/engine.ts, `startMessages`). */
function workflowOf({ batchId, lines }: BatchPart): string {
  return workflowIds.messages(idsOfRuns(batchId, lines)[0] ?? '', batchId);
}

/** A text of a part that nobody has been given is as it was stored. */
const isOpen = ({ status }: MessageDocument) => status === 'accepted';

/** What becomes of a text that shall not be sent any more. One that has failed before has failed. */
function stopped(message: MessageDocument, now: Date): MessageChange {
  const ended = { finalAt: now, hold: undefined, retryAt: undefined, lookUpFirst: undefined };
  if (message.status === 'retrying') return { ...ended, status: 'failed' };
  return { ...ended, status: 'refused', failure: { code: 'batch-cancelled', class: 'refused', at: now } };
}

function openIn(tally: readonly Tally[]): number {
  return tally.reduce((sum, { status, texts }) => (isFinal(status) ? sum : sum + texts), 0);
}
