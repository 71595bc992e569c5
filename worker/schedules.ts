import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleOptionsAction,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { mainTaskQueue, workflowIds, workflowTypes } from '../workflows/contract.ts';

/** How often closed runs are archived: the engine keeps them for weeks, people look for them soon. */
const archiveEverySeconds = 3600;
/** How often consents that have run out are noted; the rules go by their date at once. */
const expiryEverySeconds = 3600;
const verificationEverySeconds = 24 * 3600;

/** How often is looked for data whose time is over: those of one hour are few. */
const retentionEverySeconds = 3600;
/** How often is learnt about routes: one that has gone bad is left within some minutes. */
const learnEverySeconds = 60;

/** One schedule per carrier that takes orders: the net under lost webhooks. */
export async function ensureCarrierSyncs(
  client: Client,
  carriers: readonly string[],
  everySeconds: number,
): Promise<void> {
  await Promise.all(
    carriers.map((carrier) =>
      ensureSchedule(client, workflowIds.carrierSync(carrier), everySeconds, {
        workflowType: workflowTypes.carrierSync,
        args: [{ carrier }],
      }),
    ),
  );
}

/** The schedule that compares numbers' records with the world. */
export async function ensureRoutingSync(client: Client, everySeconds: number): Promise<void> {
  await ensureSchedule(client, workflowIds.routingSync(), everySeconds, {
    workflowType: workflowTypes.routingSync,
    args: [],
  });
}

/** The schedule of the archive (invariant 2). The first pass begins at once. */
export async function ensureArchive(client: Client): Promise<void> {
  const workflow = { workflowType: workflowTypes.archive, args: [] };
  await ensureSchedule(client, workflowIds.archive(), archiveEverySeconds, workflow, true);
}

/** The schedule that forgets what is not to be kept any longer. The first pass begins at once. */
export async function ensureRetention(client: Client): Promise<void> {
  const workflow = { workflowType: workflowTypes.retention, args: [] };
  await ensureSchedule(client, workflowIds.retention(), retentionEverySeconds, workflow, true);
}

/** The schedules of the consent ledger: what has run out is noted, and all of it is proven (invariant 10). */
export async function ensureLedgerUpkeep(client: Client): Promise<void> {
  const passes = [
    [workflowIds.consentExpiry(), workflowTypes.consentExpiry, expiryEverySeconds],
    [workflowIds.ledgerVerification(), workflowTypes.ledgerVerification, verificationEverySeconds],
  ] as const;
  await Promise.all(
    passes.map(([id, workflowType, everySeconds]) =>
      ensureSchedule(client, id, everySeconds, { workflowType, args: [] }),
    ),
  );
}

/** The schedule of learning about routes. */
export async function ensureLearning(client: Client): Promise<void> {
  const workflow = { workflowType: workflowTypes.learning, args: [] };
  await ensureSchedule(client, workflowIds.learning(), learnEverySeconds, workflow);
}

/** Made when missing, its interval kept as configured. A pass that is still running is not joined by another. */
async function ensureSchedule(
  client: Client,
  scheduleId: string,
  everySeconds: number,
  { workflowType, args }: { readonly workflowType: string; readonly args: unknown[] },
  triggerImmediately = false,
): Promise<void> {
  const action: ScheduleOptionsAction = {
    type: 'startWorkflow',
    workflowType,
    workflowId: scheduleId,
    taskQueue: mainTaskQueue,
    args,
  };
  const definition = {
    spec: { intervals: [{ every: everySeconds * 1000 }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: 60_000 },
    action,
  };
  try {
    await client.schedule.create({ scheduleId, ...definition, state: { triggerImmediately } });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update((known) => ({ ...known, ...definition }));
  }
}
