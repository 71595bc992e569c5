import { describe, expect, it } from 'vitest';
import { attributed } from '../../activities/attribution.ts';
import type { Step } from '../../activities/interfaces.ts';
import { inWorkflow } from './in-workflow.ts';

const step = (rest: Partial<Step>): Step => ({ at: '', actor: 'portsms', type: 't', detail: 'd', ...rest });
const run = { workflowId: 'port_1', runId: 'run of port_1' };
const known = { carrier: 'telnyx', apiKeyId: 'key' };

describe('who a step is by', () => {
  it.each<[string, Partial<Step>, object]>([
    ['ours', {}, run],
    ['the carrier’s, by its event', { actor: 'carrier', carrierEventId: 'beta/e1' }, { ...run, carrier: 'beta' }],
    ['the carrier’s, as it was read', { actor: 'carrier' }, { ...run, carrier: 'telnyx' }],
    ['the request', { actor: 'caller', type: 'port.requested' }, { ...run, apiKeyId: 'key' }],
    ['an action', { actor: 'caller', by: { apiKeyId: 'other' } }, { ...run, apiKeyId: 'other' }],
  ])('%s', async (_, given, by) => {
    const [said] = await inWorkflow('port_1', async () => attributed([step(given)], known));
    expect(said?.by).toEqual(by);
  });

  it('is left open outside of a workflow, where nothing is known', () => {
    expect(attributed([step({})])).toEqual([step({})]);
  });
});
