import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { atATime, type Timing, timingOf } from './timing.ts';

const taskQueue = 'bench-bare';

/** Bare workflows on the same engine: started, signalled, closed. */
export interface Bare {
  /** Runs `count` of them, so many at a time. */
  run(count: number, inParallel: number): Promise<Timing>;
  /** The same. @returns the milliseconds of each */
  each(count: number, inParallel: number): Promise<readonly number[]>;
  /** Waits, as it does for its own, until a workflow has ended. */
  ended(workflowId: string): Promise<void>;
  close(): Promise<void>;
}

export async function startBare(address: string, namespace: string): Promise<Bare> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL(`bare-workflow.${extension}`, import.meta.url)),
      logger: new DefaultLogger('ERROR'),
    }),
    activities: { nothing: async () => undefined },
  });
  const running = worker.run();
  const client = new Client({ connection, namespace });
  let count = 0;
  const each = (runs: number, inParallel: number) =>
    atATime(runs, inParallel, async () => {
      const begun = performance.now();
      const handle = await client.workflow.start('bareWorkflow', { taskQueue, workflowId: `bench-bare/${count++}` });
      await handle.signal('done');
      await handle.result();
      return performance.now() - begun;
    });
  return {
    run: (runs, inParallel) => timingOf(() => each(runs, inParallel)),
    each,
    ended: (workflowId) => client.workflow.getHandle(workflowId).result(),
    async close() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
