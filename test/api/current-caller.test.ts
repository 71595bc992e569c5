import { expect, it } from 'vitest';
import { asCaller, currentCaller, timelineOfCallers } from '../../api/current-caller.ts';
import type { TimelineEntry, TimelineStore } from '../../store/timeline.ts';

const entry = (actor: TimelineEntry['actor']): TimelineEntry => ({ at: '', actor, type: 't', detail: 'd' });

it('what a call writes as the caller’s says by which API key, also after it has waited; nothing else does', async () => {
  const written: TimelineEntry[] = [];
  const append: TimelineStore['append'] = async (_subject, _series, _position, entries) =>
    void written.push(...entries);
  const timeline = timelineOfCallers({ append } as TimelineStore);
  const call = (keyId: string, actor: TimelineEntry['actor']) =>
    asCaller({ keyId }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await timeline.append('port_1', keyId, 0, [entry(actor)]);
    });
  await Promise.all([call('one', 'caller'), call('two', 'caller'), call('three', 'portsms')]);
  await timeline.append('port_1', 'sweep', 0, [entry('caller')]);
  expect(written.map(({ by }) => by)).toEqual([{ apiKeyId: 'one' }, { apiKeyId: 'two' }, undefined, undefined]);
  expect(currentCaller()).toBeUndefined();
});
