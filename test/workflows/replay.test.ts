import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import proto from '@temporalio/proto';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { workflowTypes } from '../../workflows/contract.ts';

const folder = join(import.meta.dirname, '..', 'histories');
const recorded = readdirSync(folder).filter((file) => file.endsWith('.json'));

beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
});

async function replay(workflowBundle: WorkflowBundleOption, files: readonly string[]): Promise<Map<string, unknown>> {
  const histories = files.map((file) => ({
    workflowId: file,
    history: proto.temporal.api.history.v1.History.fromObject(JSON.parse(readFileSync(join(folder, file), 'utf8'))),
  }));
  const errors = new Map<string, unknown>();
  // It does not throw: what went wrong stands in the result.
  for await (const result of Worker.runReplayHistories({ workflowBundle }, histories)) {
    errors.set(result.workflowId, result.error);
  }
  return errors;
}

describe('recorded histories (npm run histories:record)', () => {
  it('are there of every workflow', () => {
    const types = new Set(recorded.map((file) => file.replace(/-\d+\.json$/, '')));
    expect([...types].sort()).toEqual(Object.values(workflowTypes).sort());
  });

  it('are replayed by the present workflows: what runs for weeks survives a new version', async () => {
    const errors = await replay({ codePath: inject('workflowBundlePath') }, recorded);
    expect(errors.size).toBe(recorded.length);
    for (const [file, error] of errors) expect(error, file).toBeUndefined();
  });

  it('fail when a workflow has changed incompatibly', async () => {
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(import.meta.dirname, 'changed-workflows.ts'),
      logger: new DefaultLogger('ERROR'),
    });
    const messages = recorded.filter((file) => file.startsWith(workflowTypes.messages));
    const errors = await replay({ code }, messages);
    expect(errors.size).toBeGreaterThan(0);
    for (const [file, error] of errors) expect(error, file).toBeInstanceOf(Error);
  });

  it('hold no personal data (invariant 9)', () => {
    for (const file of recorded) {
      const json = readFileSync(join(folder, file), 'utf8');
      const payloads = [...json.matchAll(/"data":\s*"([A-Za-z0-9+/=]+)"/g)].map(([, data]) =>
        Buffer.from(data ?? '', 'base64').toString('utf8'),
      );
      expect(payloads.length).toBeGreaterThan(0);
      for (const text of [json, ...payloads])
        expect(text, file).not.toMatch(/\+1206555\d{4}|12065550101|Answer \d|Ann Example|NW-4471820/);
    }
  });
});
