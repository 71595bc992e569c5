import type { Context } from '@temporalio/activity';
import { describe, expect, it } from 'vitest';
import { heartbeats } from '../../worker/heartbeats.ts';

/** Runs an activity that takes so long. @returns how often it was said to be alive, while it ran and afterwards */
async function beatsOf(heartbeatTimeoutMs: number | undefined, takesMs: number): Promise<[number, number]> {
  let beats = 0;
  const context = { info: { heartbeatTimeoutMs }, heartbeat: () => (beats += 1) } as unknown as Context;
  const { inbound } = heartbeats(context);
  const answer = await inbound?.execute?.({ args: [], headers: {} }, async () => {
    await new Promise((resolve) => setTimeout(resolve, takesMs));
    return 'done';
  });
  expect(answer).toBe('done');
  const during = beats;
  await new Promise((resolve) => setTimeout(resolve, takesMs));
  return [during, beats - during];
}

describe('an activity', () => {
  it('is said to be alive while it runs, several times within its time-out, and no longer', async () => {
    const [during, afterwards] = await beatsOf(30, 200);
    expect(during).toBeGreaterThanOrEqual(5);
    expect(afterwards).toBe(0);
  });

  it('whose workflow does not ask for that says nothing', async () => {
    expect(await beatsOf(undefined, 50)).toEqual([0, 0]);
  });
});
