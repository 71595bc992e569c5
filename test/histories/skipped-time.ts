import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { loadConfig } from '../../config/config.ts';
import { findTestServer } from '../../embedded/find-temporal.ts';
import { bundleWorkflows } from '../../worker/bundle.ts';
import { engineInTest } from '../workflows/engine-in-test.ts';
import { keep } from './recorded.ts';
import { consentStories } from './stories/consents.ts';
import { correspondenceStories } from './stories/correspondence.ts';
import { cutoverStories } from './stories/cutovers.ts';
import { learningStories } from './stories/learning.ts';
import { messageBatchStories } from './stories/message-batches.ts';
import { planStories } from './stories/plans.ts';
import { portOutStories } from './stories/port-outs.ts';
import { portStories } from './stories/ports.ts';
import { removalStories } from './stories/removals.ts';
import { textStories } from './stories/texts.ts';

/** Records what takes weeks, and what happens rarely: workflows with fake activities, on a server that skips time. */
export async function recordWithSkippedTime(): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const path = await findTestServer(loadConfig(process.env).cacheDir, (line) => console.error(line));
  const bundle = { code: await bundleWorkflows() };
  for (const story of [
    ...portStories,
    ...cutoverStories,
    ...planStories,
    ...textStories,
    ...messageBatchStories,
    ...portOutStories,
    ...removalStories,
    ...correspondenceStories,
    ...consentStories,
    ...learningStories,
  ]) {
    const env = await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path } },
    });
    const engine = await engineInTest(env, bundle);
    try {
      for (const [name, handle] of Object.entries(await story(engine))) keep(name, await handle.fetchHistory());
    } finally {
      await engine.close();
    }
  }
}
