import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { OrderReading, PapersActivities, PlanActivities, PortActivities } from '../activities/interfaces.ts';
import { loadConfig } from '../config/config.ts';
import { findTestServer } from '../embedded/find-temporal.ts';
import { sdkServer } from '../embedded/sdk-server.ts';
import { ensureSearchAttributes } from '../worker/search-attributes.ts';
import { carrierNewsSignal, mainTaskQueue, type PortInput, workflowTypes } from '../workflows/contract.ts';

const dayMs = 24 * 3600_000;
/** Waits are measured over a month, and begin a day after the order has come to rest. */
const measuredDays = 30;

/** Events per day of a port that waits for its losing carrier, and of one that waits for its date, on a server that skips time. */
export async function eventsWhileWaiting(): Promise<Record<string, number>> {
  const path = await findTestServer(loadConfig(process.env).cacheDir, console.error);
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger, shutdownSignals: [] });
  const env = await TestWorkflowEnvironment.createTimeSkipping({ server: sdkServer(path) });
  try {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const workflowsPath = fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url));
    await ensureSearchAttributes(env.client);
    let reading: OrderReading = order('submitted');
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: mainTaskQueue,
      workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }),
      activities: atCarrier(() => reading),
    });
    return await worker.runUntil(async () => {
      const handle = await env.client.workflow.start(workflowTypes.port, {
        workflowId: input.portId,
        taskQueue: mainTaskQueue,
        args: [input],
      });
      const perDay = async () => {
        await env.sleep(dayMs);
        const before = await length();
        await env.sleep(measuredDays * dayMs);
        return ((await length()) - before) / measuredDays;
      };
      const length = async () => (await handle.fetchHistory()).events?.length ?? 0;
      const unanswered = await perDay();
      const focAt = new Date((await env.currentTimeMs()) + 2 * measuredDays * dayMs).toISOString();
      reading = { ...order('foc-confirmed'), focAt };
      await handle.signal(carrierNewsSignal, {});
      const confirmed = await perDay();
      return { 'for the losing carrier': unanswered, 'for the agreed date': confirmed };
    });
  } finally {
    await env.teardown();
  }
}

const input: PortInput = {
  portId: 'port_that_waits',
  gainingCarrier: 'telnyx',
  losingCarrier: 'alpha',
  messagingPlan: 'move',
  activation: 'automatic',
  numberKeys: ['num_that_waits'],
  marginMs: 15 * 60_000,
  proofDeadlineMs: 3 * dayMs,
};

function order(state: OrderReading['state']): OrderReading {
  return { carrierOrderId: 'order_that_waits', state, carrierState: state, rejections: [], numbers: [] };
}

type Told = PortActivities & Pick<PlanActivities, 'numberKeysOf'> & Pick<PapersActivities, 'escalateOrder'>;

/** A carrier that says what it said before, and a store that forgets. */
function atCarrier(read: () => OrderReading): Told {
  const said = async () => read();
  return {
    checkPort: async () => ({ problems: [] }),
    submitOrder: said,
    readOrder: said,
    supplementOrder: said,
    escalateOrder: async () => ({ channels: [] }),
    cancelOrder: said,
    rescheduleOrder: said,
    readClocks: async () => ({}),
    holdNumbers: async () => undefined,
    activateOrder: said,
    projectPort: async () => undefined,
    releaseNumbers: async () => undefined,
    numberKeysOf: async () => input.numberKeys,
  };
}
