import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { describe, expect, inject, it } from 'vitest';
import { workflowTypes } from '../../workflows/contract.ts';
import { type RecordedHistory, recordedHistories } from '../histories/recorded.ts';
import './quiet-runtime.ts';

const recorded = recordedHistories();

function typeOf({ history }: RecordedHistory): string {
  return history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? '';
}

function hasEnded({ history }: RecordedHistory): boolean {
  const last = history.events?.at(-1);
  return Boolean(
    last?.workflowExecutionCompletedEventAttributes ?? last?.workflowExecutionContinuedAsNewEventAttributes,
  );
}

/** What replaying each gave, by name; it does not throw: what went wrong stands in the result. */
async function replay(
  workflowBundle: WorkflowBundleOption,
  histories: readonly RecordedHistory[],
): Promise<Map<string, Error | undefined>> {
  const results = new Map<string, Error | undefined>();
  const named = histories.map(({ name, history }) => ({ workflowId: name, history }));
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, named)) {
    results.set(workflowId, error);
  }
  return results;
}

describe('recorded histories (npm run histories:record)', () => {
  it('are there of every workflow, of ended ones and of open ones', () => {
    const types = (histories: readonly RecordedHistory[]) => [...new Set(histories.map(typeOf))].sort();
    expect(types(recorded)).toEqual(Object.values(workflowTypes).sort());
    const { port, cutover, hold, messages, plan, portOut, textRemoval, correspondence, windowHold } = workflowTypes;
    const { optOutReview, doubleOptIn, optOutMove, messageBatch } = workflowTypes;
    // Those are what a new version meets.
    const orders = [cutover, hold, messages, port, plan, portOut, textRemoval, correspondence, windowHold];
    const open = [...orders, optOutReview, doubleOptIn, optOutMove, messageBatch];
    expect(types(recorded.filter((each) => !hasEnded(each)))).toEqual(open.sort());
  });

  it('are replayed by the present workflows: what runs for weeks survives a new version', async () => {
    const results = await replay({ codePath: inject('workflowBundlePath') }, recorded);
    const wrong = [...results].filter(([, error]) => error !== undefined);
    expect(wrong).toEqual([]);
    expect(results.size).toBe(recorded.length);
  });

  it('fail when a workflow has changed incompatibly, and only then', async () => {
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(import.meta.dirname, 'changed-workflows.ts'),
      logger: new DefaultLogger('ERROR'),
    });
    const known = recorded.filter((each) =>
      [workflowTypes.messages, workflowTypes.hold].includes(typeOf(each) as never),
    );
    const results = await replay({ code }, known);
    for (const each of known) {
      const error = results.get(each.name);
      // One that was tried again was reviewed: the changed workflow has no answer to that.
      if (each.name.endsWith('/messages-retried')) expect(error, each.name).toBeInstanceOf(DeterminismViolationError);
      if (typeOf(each) === workflowTypes.hold) expect(error, each.name).toBeUndefined();
    }
  });

  it('hold ids and states only (invariant 9)', () => {
    for (const { name, json } of recorded) {
      const payloads = [...json.matchAll(/"data":"([A-Za-z0-9+/=]+)"/g)].map(([, data]) =>
        Buffer.from(data ?? '', 'base64').toString('utf8'),
      );
      expect(payloads.length).toBeGreaterThan(0);
      for (const text of [json.replaceAll(/"data":"[^"]+"/g, ''), ...payloads]) {
        // A phone number; the texts and the name of the recorded port.
        expect(text, name).not.toMatch(/\+\d{7}|\b1?206555\d{4}\b|Answer \d|Text \d|Ann Example|NW-4471820/);
      }
    }
  });
});
