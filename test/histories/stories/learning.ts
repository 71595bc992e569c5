import { mainTaskQueue, workflowIds, workflowTypes } from '../../../workflows/contract.ts';
import type { Story } from './story.ts';

/** One pass of learning. */
const learnt: Story = (engine) =>
  engine.withActivities({ learnRoutes: async () => ({ texts: 10, changes: 4 }) }, async () => {
    const handle = await engine.env.client.workflow.start(workflowTypes.learning, {
      workflowId: workflowIds.learning(),
      taskQueue: mainTaskQueue,
    });
    await handle.result();
    return { 'learning-pass': handle };
  });

export const learningStories: readonly Story[] = [learnt];
