import { beforeEach, expect, test } from 'vitest';
import type { ReleasePace } from '../../activities/held-release.ts';
import { createWindowHoldActivities } from '../../activities/window-hold.ts';
import { windowKey } from '../../domain/lifecycle/window-key.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleText } from '../store/samples.ts';
import { inWorkflow } from './in-workflow.ts';

const own = ownStore();
const engine = new RecordedEngine();
beforeEach(() => {
  engine.failure = undefined;
  engine.clear();
});
const minute = (count: number) => windowKey(new Date(Date.UTC(2026, 0, 1, 0, count)));
const release = (key: string, pace: ReleasePace = {}) =>
  inWorkflow('hold', () => createWindowHoldActivities({ store: own.store, engine, pace }).releaseWindow({ key }));

async function hold(key: string, count: number, kind: 'marketing' | 'transactional' = 'marketing') {
  const texts = Array.from({ length: count }, (_, index) =>
    sampleText(own.store.vault, {
      kind,
      status: 'held',
      workflowId: 'messages/that-held-it',
      acceptedAt: new Date(Date.now() - 1000 + index),
      hold: { key, code: 'quiet-hours', since: new Date() },
    }),
  );
  await own.store.messages.insert(texts);
  return texts.map(({ _id }) => _id);
}

test('when hours open all that waited for them goes, in order and each once; what waits for another moment stays', async () => {
  const later = await hold(minute(2), 1);
  const marketing = await hold(minute(1), 610);
  const transactional = await hold(minute(1), 2, 'transactional');
  expect(await release(minute(1))).toEqual({ left: false });
  const started = engine.callsOf('startMessages').map(([ids, kind]) => ({ ids: ids as string[], kind }));
  expect(started[0]).toMatchObject({ kind: 'transactional', ids: transactional });
  const ofMarketing = started.filter(({ kind }) => kind === 'marketing').flatMap(({ ids }) => ids);
  expect(ofMarketing).toEqual(marketing);
  expect((await own.store.messages.findMany(later))[0]?.status).toBe('held');
  const released = await own.store.messages.findMany(marketing);
  expect(new Set(released.map(({ status }) => status))).toEqual(new Set(['accepted']));
  expect(released[0]).not.toHaveProperty('workflowId');
  expect(released[0]?.hold).toMatchObject({ code: 'quiet-hours', releasedAt: expect.any(Date) });
});

test('they go no faster than carriers take them; but one that takes little does not keep back what others would take', async () => {
  const pace = { portion: 3, window: 9, patienceMs: 100 };
  const texts = await hold(minute(4), 19);
  const started = () => engine.callsOf('startMessages').flatMap(([ids]) => ids as string[]);
  // A window full, and a portion more after some patience.
  expect(await release(minute(4), pace)).toEqual({ left: true });
  expect(started()).toEqual(texts.slice(0, 12));
  expect(await release(minute(4), pace)).toEqual({ left: true });
  expect(started()).toEqual(texts.slice(0, 15));
  await own.store.messages.change(texts.slice(0, 12), () => ({ status: 'submitted' }));
  expect(await release(minute(4), pace)).toEqual({ left: false });
  expect(started()).toEqual(texts);
});

test('what is released while the engine is away lies stored and unstarted, where the dispatcher finds it', async () => {
  const [id] = await hold(minute(3), 1);
  engine.failure = new Error('the engine is away');
  await expect(release(minute(3))).rejects.toThrow('the engine is away');
  const unstarted = await own.store.messages.findUnstarted(new Date(Date.now() + 1000), 2000);
  expect(unstarted.map(({ _id }) => _id)).toContain(id);
});
