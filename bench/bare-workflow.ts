import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

/** What every message workflow is measured against: one activity, one signal, nothing else. */
export const bareSignal = defineSignal('done');

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '30 seconds' });

export async function bareWorkflow(): Promise<void> {
  let done = false;
  setHandler(bareSignal, () => {
    done = true;
  });
  await nothing();
  await condition(() => done);
}
