import { Client, Connection } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { OrderReading, PortActivities } from '../../activities/interfaces.ts';
import { createPortProcess, type PortProcess } from '../../api/port-process.ts';
import { Problem } from '../../api/problem.ts';
import { mainTaskQueue, type PortInput } from '../../workflows/contract.ts';
import type { EngineInTest } from '../workflows/engine-in-test.ts';
import { startInRealTime } from '../workflows/time-skipping.ts';

const submitted: OrderReading = {
  carrierOrderId: 'order-1',
  state: 'submitted',
  carrierState: 'submitted',
  rejections: [],
  numbers: [],
};

/** A carrier at which the order is never confirmed; the checks of a port find a problem until it is supplemented. */
function activities(): PortActivities {
  const supplemented = new Set<string>();
  return {
    checkPort: async ({ portId }) => {
      const problems = supplemented.has(portId) ? [] : [{ code: 'field-missing', message: 'The PIN is missing.' }];
      supplemented.add(portId);
      return { problems };
    },
    submitOrder: async () => submitted,
    readOrder: async () => submitted,
    supplementOrder: async () => submitted,
    cancelOrder: async () => ({ ...submitted, state: 'cancelled', carrierState: 'cancelled' }),
    activateOrder: async () => submitted,
    rescheduleOrder: async () => submitted,
    readClocks: async () => ({}),
    holdNumbers: async () => undefined,
    projectPort: async () => undefined,
    releaseNumbers: async () => undefined,
  };
}

const input = (portId: string): PortInput => ({
  portId,
  gainingCarrier: 'beta',
  losingCarrier: 'alpha',
  messagingPlan: 'move',
  activation: 'automatic',
  numberKeys: ['num_0123456789abcdef'],
  marginMs: 1000,
  proofDeadlineMs: 1000,
});

let engine: EngineInTest;
let client: Client;
let ports: PortProcess;
let worker: Worker;
let running: Promise<void>;

async function startWorker(): Promise<void> {
  worker = await Worker.create({
    connection: engine.env.nativeConnection,
    taskQueue: mainTaskQueue,
    workflowBundle: { codePath: inject('workflowBundlePath') },
    activities: activities(),
  });
  running = worker.run();
}

beforeAll(async () => {
  engine = await startInRealTime();
  ({ client } = engine.env);
  ports = createPortProcess(client);
  await startWorker();
});
afterAll(async () => {
  if (worker.getState() === 'RUNNING') worker.shutdown();
  await running;
  await engine.close();
});

/** A port that waits for a supplement. */
async function waitingPort(): Promise<string> {
  const portId = `port_${Math.random().toString(16).slice(2)}`;
  await ports.start(input(portId));
  const status = async () =>
    (await client.workflow.getHandle(portId).query<{ order: { status: string } }>('state')).order.status;
  await expect.poll(status, { timeout: 20_000 }).toBe('action-required');
  return portId;
}

const problemOf = (asked: Promise<unknown>): Promise<Problem> =>
  asked.then(
    () => expect.unreachable('It was not turned down.'),
    (error: unknown) => error as Problem,
  );

describe('the process of a port', () => {
  it('starts once, however often it is asked for, and is found by its id, state and carrier (invariant 4)', async () => {
    const portId = await waitingPort();
    const first = await client.workflow.getHandle(portId).describe();
    await ports.start(input(portId));
    const again = await client.workflow.getHandle(portId).describe();
    expect(again.runId).toBe(first.runId);
    const found = async () => {
      const ids: string[] = [];
      const query = `PortId = '${portId}' AND Carrier = 'beta' AND PortStatus != ''`;
      for await (const each of client.workflow.list({ query })) ids.push(each.workflowId);
      return ids;
    };
    await expect.poll(found, { timeout: 10_000 }).toEqual([portId]);
  });

  it('is not started again when it has ended', async () => {
    const portId = await waitingPort();
    await ports.cancel(portId, undefined, 'cancel-1');
    await client.workflow.getHandle(portId).result();
    await ports.start(input(portId));
    expect((await client.workflow.getHandle(portId).describe()).status.name).toBe('COMPLETED');
  });

  it('takes a supplement; the same one twice gives the first result (invariant 4)', async () => {
    const portId = await waitingPort();
    const first = await ports.supplement(portId, 2, 'supplement-1');
    expect(await ports.supplement(portId, 2, 'supplement-1')).toEqual(first);
  });

  it('turns down what does not fit, by a code', async () => {
    const portId = await waitingPort();
    expect(await problemOf(ports.activate(portId, 'activate-1'))).toMatchObject({
      code: 'order-not-activatable',
      status: 409,
    });
    expect((await ports.cancel(portId, 'other', 'cancel-1')).status).toBe('cancelled');
    await client.workflow.getHandle(portId).result();
    expect(await problemOf(ports.cancel(portId, 'other', 'cancel-2'))).toMatchObject({ code: 'order-not-cancellable' });
    expect(await problemOf(ports.supplement(portId, 2, 's'))).toMatchObject({ code: 'order-not-supplementable' });
    expect(await problemOf(ports.activate('port_never', 'a'))).toMatchObject({ code: 'order-not-activatable' });
  });

  it('answers within 5 s, or says that it did not; the answer is got by asking again', async () => {
    const portId = await waitingPort();
    worker.shutdown();
    await running;
    const began = Date.now();
    const problem = await problemOf(ports.cancel(portId, undefined, 'late'));
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ code: 'engine-timeout', status: 503 });
    expect(Date.now() - began).toBeLessThan(6000);
    await startWorker();
    expect((await ports.cancel(portId, undefined, 'late')).status).toBe('cancelled');
  });

  it('says that the engine is away when it is', async () => {
    const nowhere = Connection.lazy({ address: '127.0.0.1:1' });
    const away = createPortProcess(new Client({ connection: nowhere }));
    const [cancelled, started] = await Promise.all([
      problemOf(away.cancel('port_1', undefined, 'x')),
      problemOf(away.start(input('port_1'))),
    ]);
    expect(cancelled.status).toBe(503);
    expect(['engine-timeout', 'engine-unavailable']).toContain(cancelled.code);
    expect(started).toMatchObject({ code: 'engine-unavailable' });
    await nowhere.close();
  });
});
