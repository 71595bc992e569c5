import type { Client } from '@temporalio/client';
import { expect, test } from 'vitest';
import { createEngine } from '../../intake/engine.ts';

test('a workflow of one text is told so: that one is admitted and submitted in one step', async () => {
  const inputs: unknown[] = [];
  const client = {
    withDeadline: (_deadline: number, act: () => Promise<unknown>) => act(),
    workflow: { start: async (_type: string, options: { args: unknown[] }) => inputs.push(...options.args) },
  };
  const engine = createEngine(client as unknown as Client);
  await engine.startMessages(['msg_1'], 'otp', 'start_1');
  await engine.startMessages(['msg_2', 'msg_3'], 'otp', 'start_2');
  await engine.startMessages([], 'otp', 'start_3');
  expect(inputs).toEqual([
    { messageIds: ['msg_1'], kind: 'otp', atOnce: true },
    { messageIds: ['msg_2', 'msg_3'], kind: 'otp', atOnce: true },
  ]);
});
