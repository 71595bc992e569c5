import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, type History, Runtime } from '@temporalio/worker';
import { loadConfig } from '../../config/config.ts';
import { findTestServer } from '../../embedded/find-temporal.ts';
import { sdkServer } from '../../embedded/sdk-server.ts';
import { bundleWorkflows } from '../../worker/bundle.ts';
import { pause } from '../simulator/until.ts';
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
import type { Story } from './stories/story.ts';
import { textStories } from './stories/texts.ts';

/** Longer than any story takes. */
const patienceMs = 30_000;
const mostTries = 6;

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
    for (const [name, history] of await told(story, path, bundle)) keep(name, history);
  }
}

/** The server can stop skipping time for good (test/workflows/time-skipping.ts): a story that comes to no end is told anew. */
async function told(story: Story, path: string, bundle: { code: string }): Promise<[string, History][]> {
  for (let tries = 1; ; tries += 1) {
    const env = await TestWorkflowEnvironment.createTimeSkipping({ server: sdkServer(path) });
    const engine = await engineInTest(env, bundle);
    try {
      const telling = story(engine);
      // One that is given up fails later, when nobody waits for it any more.
      telling.catch(() => undefined);
      const ended = await Promise.race([telling, pause(patienceMs)]);
      if (ended) {
        return await Promise.all(
          Object.entries(ended).map(
            async ([name, handle]): Promise<[string, History]> => [name, await handle.fetchHistory()],
          ),
        );
      }
      if (tries === mostTries) throw new Error(`${story.name || 'A story'} came to no end in ${mostTries} tries.`);
    } finally {
      await engine.close();
    }
  }
}
