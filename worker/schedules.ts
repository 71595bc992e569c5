import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { mainTaskQueue, workflowIds, workflowTypes } from '../workflows/contract.ts';

/** One schedule per carrier that takes orders: the net under lost webhooks. Made when missing, its interval kept as configured. */
export async function ensureCarrierSyncs(
  client: Client,
  carriers: readonly string[],
  everySeconds: number,
): Promise<void> {
  await Promise.all(
    carriers.map(async (carrier) => {
      const scheduleId = workflowIds.carrierSync(carrier);
      const definition = {
        spec: { intervals: [{ every: everySeconds * 1000 }] },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: 60_000 },
        action: {
          type: 'startWorkflow' as const,
          workflowType: workflowTypes.carrierSync,
          workflowId: scheduleId,
          taskQueue: mainTaskQueue,
          args: [{ carrier }],
        },
      };
      try {
        await client.schedule.create({ scheduleId, ...definition });
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        await client.schedule.getHandle(scheduleId).update((known) => ({ ...known, ...definition }));
      }
    }),
  );
}
