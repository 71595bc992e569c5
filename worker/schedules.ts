import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { mainTaskQueue, workflowIds, workflowTypes } from '../workflows/contract.ts';

/** How often closed runs are archived: the engine keeps them for weeks, people look for them soon. */
const archiveEveryMs = 3600_000;

/** One schedule per carrier that takes orders: the net under lost webhooks. */
export async function ensureCarrierSyncs(
  client: Client,
  carriers: readonly string[],
  everySeconds: number,
): Promise<void> {
  await Promise.all(
    carriers.map((carrier) =>
      ensureSchedule(client, workflowIds.carrierSync(carrier), everySeconds * 1000, {
        workflowType: workflowTypes.carrierSync,
        args: [{ carrier }],
      }),
    ),
  );
}

/** The schedule of the archive (invariant 2). The first pass begins at once. */
export async function ensureArchive(client: Client): Promise<void> {
  await ensureSchedule(
    client,
    workflowIds.archive,
    archiveEveryMs,
    { workflowType: workflowTypes.archive, args: [] },
    true,
  );
}

/** Made when missing; its interval is kept as configured. */
async function ensureSchedule(
  client: Client,
  scheduleId: string,
  everyMs: number,
  workflow: { readonly workflowType: string; readonly args: unknown[] },
  triggerImmediately = false,
): Promise<void> {
  const definition = {
    spec: { intervals: [{ every: everyMs }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: 60_000 },
    action: { type: 'startWorkflow' as const, workflowId: scheduleId, taskQueue: mainTaskQueue, ...workflow },
  };
  try {
    await client.schedule.create({ scheduleId, ...definition, state: { triggerImmediately } });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update((known) => ({ ...known, ...definition }));
  }
}
