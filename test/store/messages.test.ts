import { expect, test } from 'vitest';
import type { MessageDocument } from '../../store/messages.ts';
import { openStore } from '../../store/store.ts';
import { mongodbUri } from '../mongodb-uri.ts';
import { ownStore } from './own-store.ts';
import { ours, sampleText, standby } from './samples.ts';

const own = ownStore();

/** Stores texts that a workflow owns. */
async function storeTexts(count: number, rest: Parameters<typeof sampleText>[1] = {}): Promise<MessageDocument[]> {
  const texts = Array.from({ length: count }, (_, i) => sampleText(own.store.vault, { text: `text ${i}`, ...rest }));
  for (let from = 0; from < count; from += 500) await own.store.messages.insert(texts.slice(from, from + 500));
  return texts;
}

const idsOf = (messages: readonly { _id: string }[]) => messages.map(({ _id }) => _id);

test('of texts inserted together the ones whose id is taken are told apart, and what was there stays', async () => {
  const [first] = await storeTexts(1);
  if (!first) throw new Error('no text');
  const again = { ...sampleText(own.store.vault, { text: 'another' }), _id: first._id };
  const fresh = sampleText(own.store.vault);
  expect(await own.store.messages.insert([again, fresh, { ...fresh, requestHash: 'later' }])).toEqual([
    'duplicate',
    'stored',
    'duplicate',
  ]);
  expect((await own.store.messages.find(first._id))?.text).toEqual(first.text);
  expect((await own.store.messages.find(fresh._id))?.requestHash).toBe('hash');
  expect(await own.store.messages.insert([])).toEqual([]);
});

test('a change is made once per text, on the revision that it was decided on, however many want to', async () => {
  const texts = await storeTexts(20);
  const ids = idsOf(texts);
  // Six at once count every text's `segments` up, in different orders; a lost update would leave a count too low.
  const results = await Promise.all(
    Array.from({ length: 6 }, (_, who) =>
      own.store.messages.change(who % 2 ? ids : ids.toReversed(), (message) =>
        message.attempts.some((attempt) => attempt.token === `t${who}`)
          ? undefined
          : {
              segments: message.segments + 1,
              attempts: [
                ...message.attempts,
                { carrier: 'alpha', token: `t${who}`, claimedAt: new Date(), workflowId: 'w', runId: 'r' },
              ],
            },
      ),
    ),
  );
  for (const changed of results) expect(idsOf(changed).sort()).toEqual(ids.toSorted());
  for (const message of await own.store.messages.findMany(ids)) {
    expect(message).toMatchObject({ segments: 7, rev: 6 });
    expect(new Set(message.attempts.map((attempt) => attempt.token)).size).toBe(6);
  }
});

test('more texts than fit into one transaction are all changed', async () => {
  const texts = await storeTexts(603);
  const changed = await own.store.messages.change(idsOf(texts), () => ({ status: 'held' }), texts);
  expect(changed).toHaveLength(603);
  expect(changed.every((message) => message.rev === 1)).toBe(true);
  const stored = await own.store.messages.findMany(idsOf(texts));
  expect(stored.filter((message) => message.status === 'held' && message.rev === 1)).toHaveLength(603);
});

test('what a change returns is what it wrote: a text that somebody else ended first is not in it', async () => {
  const texts = await storeTexts(3, { status: 'held' });
  const [, second] = texts;
  if (!second) throw new Error('no text');
  const release = (message: MessageDocument) =>
    message.status === 'held' ? { status: 'accepted' as const } : undefined;
  await own.store.messages.change([second._id], () => ({ status: 'expired' }));
  // `texts` were read before that.
  const released = await own.store.messages.change(idsOf(texts), release, texts);
  expect(idsOf(released).sort()).toEqual(idsOf(texts.filter((text) => text !== second)).sort());
  const stored = await own.store.messages.findMany(idsOf(texts));
  for (const message of released) expect(message).toEqual(stored.find(({ _id }) => _id === message._id));
  expect((await own.store.messages.find(second._id))?.status).toBe('expired');

  const alone = await own.store.messages.change([second._id], release, [second]);
  expect(alone).toEqual([]);
});

test('a field that a change takes away is gone, not null', async () => {
  const [text] = await storeTexts(1, {
    status: 'held',
    hold: { key: 'num_x', code: 'c', since: new Date() },
    workflowId: 'w',
  });
  if (!text) throw new Error('no text');
  await own.store.messages.change([text._id], () => ({ status: 'accepted', hold: undefined, workflowId: undefined }));
  const stored = await own.store.messages.find(text._id);
  expect(stored).not.toHaveProperty('hold');
  expect(stored).not.toHaveProperty('workflowId');
});

test('when workflows race for the same texts, each text has exactly one owner (invariant 4)', async () => {
  const texts = await storeTexts(60);
  const workflows = Array.from({ length: 8 }, (_, i) => `messages/${i}`);
  const owned = await Promise.all(
    workflows.map((workflowId, i) =>
      // Overlapping halves, so that nobody wants just the same.
      own.store.messages.adopt(texts.slice(i * 4, i * 4 + 32), workflowId, `run-${i}`),
    ),
  );
  const won = owned.flatMap((each, i) => each.map((text) => ({ id: text._id, owner: workflows[i] })));
  expect(new Set(won.map(({ id }) => id)).size).toBe(won.length);
  expect(won).toHaveLength(60);
  for (const message of await own.store.messages.findMany(idsOf(texts))) {
    expect(won).toContainEqual({ id: message._id, owner: message.workflowId });
  }
  // Starting twice is harmless: the same workflow gets the same texts again, another one none.
  const mine = owned[0] ?? [];
  expect(idsOf(await own.store.messages.adopt(texts, 'messages/0', 'run-0')).sort()).toEqual(idsOf(mine).sort());
  expect(await own.store.messages.adopt(texts, 'messages/late', 'run')).toEqual([]);
});

test('what a workflow adopts is returned as it is stored', async () => {
  const adopted = await own.store.messages.adopt(await storeTexts(3), 'w', 'r');
  expect(adopted).toHaveLength(3);
  expect(adopted).toEqual(await Promise.all(adopted.map(({ _id }) => own.store.messages.find(_id))));
});

test('a text that is final or held is adopted by nobody, one that was released is', async () => {
  const [held, ended, released] = await Promise.all([
    storeTexts(1, { status: 'held' }),
    storeTexts(1, { status: 'refused' }),
    storeTexts(1, { workflowId: undefined }),
  ]);
  const adopted = await own.store.messages.adopt([...held, ...ended, ...released], 'w', 'r');
  expect(idsOf(adopted)).toEqual(idsOf(released));
});

const sender = () => own.store.vault.numberKey(ours);

/** Stores admitted texts, as admission leaves them. */
function storeQueued(count: number, rest: Parameters<typeof sampleText>[1] = {}): Promise<MessageDocument[]> {
  return storeTexts(count, {
    status: 'queued',
    workflowId: 'w',
    route: {
      carrier: 'alpha',
      sender: { key: sender(), version: 3 },
      viaStandby: false,
      proves: false,
      reason: 'settled',
    },
    ...rest,
  });
}

const claimOf = (token: string, rest: { carrier?: string; at?: Date } = {}) => ({
  token,
  carrier: 'alpha',
  workflowId: 'w',
  runId: 'r',
  at: new Date(),
  ...rest,
});

test.each([80, 1])('when senders race for %i texts, each is claimed exactly once (invariant 5)', async (count) => {
  const texts = await storeQueued(count);
  const claims = await Promise.all(
    Array.from({ length: 6 }, (_, i) => own.store.messages.claim(texts, new Map([[sender(), 3]]), claimOf(`clm_${i}`))),
  );
  const won = claims.flat();
  expect(new Set(idsOf(won)).size).toBe(count);
  expect(won).toHaveLength(count);
  for (const message of await own.store.messages.findMany(idsOf(texts))) {
    expect(message.status).toBe('claimed');
    expect(message.attempts).toHaveLength(1);
    expect(message.attempts[0]?.token).toBe(message.claimToken);
  }
});

test('what was changed since it was read is claimed as it is now', async () => {
  const [kept, changed] = await storeQueued(2);
  if (!kept || !changed) throw new Error('Two texts were to be stored.');
  await own.store.messages.change([changed._id], () => ({ allowDuplicate: true }));
  const won = await own.store.messages.claim([kept, changed], new Map([[sender(), 3]]), claimOf('clm_now'));
  expect(won).toMatchObject([
    { _id: kept._id, allowDuplicate: false, rev: 1 },
    { _id: changed._id, allowDuplicate: true, rev: 2 },
  ]);
  expect(won).toEqual(await Promise.all(won.map(({ _id }) => own.store.messages.find(_id))));
  const [alone] = await storeQueued(1);
  if (!alone) throw new Error('A text was to be stored.');
  await own.store.messages.change([alone._id], () => ({ allowDuplicate: true }));
  const wonAlone = await own.store.messages.claim([alone], new Map([[sender(), 3]]), claimOf('clm_alone'));
  expect(wonAlone).toMatchObject([{ _id: alone._id, allowDuplicate: true, rev: 2 }]);
});

test('a workflow may adopt what nobody owns and what is its own, not what has another owner', async () => {
  const [unowned, released, own1, other, held] = await Promise.all([
    storeTexts(1),
    storeTexts(1, { workflowId: undefined }),
    storeTexts(1, { workflowId: 'w/1', status: 'queued' }),
    storeTexts(1, { workflowId: 'w/2', status: 'queued' }),
    storeTexts(1, { workflowId: 'w/1', status: 'held' }),
  ]);
  const ids = idsOf([...unowned, ...released, ...own1, ...other, ...held]);
  const adoptable = await own.store.messages.adoptable(ids, 'w/1');
  expect(idsOf(adoptable).sort()).toEqual(idsOf([...unowned, ...released, ...own1]).sort());
});

test('claimed is only what is queued, not expired and routed under the present state of its sender (invariant 5)', async () => {
  const at = new Date();
  const good = await storeQueued(1);
  const expired = await storeQueued(1, { expiresAt: at });
  const unclaimable = await Promise.all(
    (['accepted', 'held', 'claimed', 'submitted', 'retrying', 'delivered', 'unknown'] as const).map((status) =>
      storeQueued(1, { status }),
    ),
  );
  const otherCarrier = await storeQueued(1, {
    route: { carrier: 'beta', sender: { key: sender(), version: 3 }, viaStandby: false, proves: false, reason: 'x' },
  });
  const stale = await storeQueued(1, {
    route: { carrier: 'alpha', sender: { key: sender(), version: 2 }, viaStandby: false, proves: false, reason: 'x' },
  });
  // Its own number stands at 3, its standby sender at 7: neither version is the other's.
  const standbyKey = own.store.vault.numberKey(standby);
  const viaStandby = (version: number) =>
    storeQueued(1, {
      route: { carrier: 'alpha', sender: { key: standbyKey, version }, viaStandby: true, proves: false, reason: 'x' },
    });
  const [current, mixedUp] = await Promise.all([viaStandby(7), viaStandby(3)]);
  const all = [good, expired, ...unclaimable, otherCarrier, stale, current, mixedUp].flat();
  const versions = new Map([
    [sender(), 3],
    [standbyKey, 7],
  ]);
  for (const message of all.filter((each) => ![...good, ...current].includes(each))) {
    expect(await own.store.messages.claim([message], versions, claimOf('clm_alone', { at }))).toEqual([]);
  }
  const won = await own.store.messages.claim(all, versions, claimOf('clm_only', { at }));
  expect(idsOf(won).sort()).toEqual(idsOf([...good, ...current]).sort());
});

test('a sender without a record has version 0', async () => {
  const texts = await storeQueued(1, {
    route: { carrier: 'alpha', sender: { key: 'num_none', version: 0 }, viaStandby: false, proves: false, reason: 'x' },
  });
  expect(await own.store.messages.claim(texts, new Map(), claimOf('clm_none'))).toHaveLength(1);
});

test('what another process has changed is read as it is now, also where it was known before', async () => {
  const texts = await storeTexts(3, { workflowId: 'shared', status: 'accepted' });
  const [mine, theirs, gone] = idsOf(texts);
  await own.store.messages.change(idsOf(texts), () => ({ status: 'queued' }), texts);
  const queued = async () => idsOf(await own.store.messages.queuedOf('shared')).sort();
  expect(await queued()).toEqual(idsOf(texts).sort());
  const another = await openStore({ uri: mongodbUri(), database: own.raw.databaseName, secret: own.secret });
  try {
    const refs = ['alpha/another'];
    await another.messages.change([theirs as string], () => ({ status: 'submitted', carrierRefs: refs }));
    await another.messages.change([gone as string], () => ({ status: 'delivered', finalAt: new Date() }));
    expect(await queued()).toEqual([mine]);
    const standing = new Map((await own.store.messages.standingOf('shared')).map((text) => [text._id, text]));
    expect([...standing.keys()].sort()).toEqual([mine, theirs].sort());
    expect(standing.get(theirs as string)?.status).toBe('submitted');
    expect(await own.store.messages.findByCarrierRefs(refs)).toMatchObject([
      { _id: theirs, rev: 2, carrierRefs: refs },
    ]);
    // What it takes away is gone here, too.
    await another.messages.change([mine as string], () => ({ route: undefined }));
    const [read] = await own.store.messages.queuedOf('shared');
    expect(read).toEqual(await another.messages.find(mine as string));
  } finally {
    await another.close();
  }
});

test('all of a workflow being final is looked up, never counted (invariant 6)', async () => {
  await storeTexts(2, { workflowId: 'open', status: 'submitted' });
  await storeTexts(1, { workflowId: 'open', status: 'delivered' });
  await storeTexts(2, { workflowId: 'done', status: 'delivered' });
  await storeTexts(1, { workflowId: 'done', status: 'held' });
  const others = Array.from({ length: 20 }, (_, index) => `none-${index}`);
  for (const ids of [
    ['open', 'done', 'never'],
    ['open', 'done', ...others],
  ]) {
    expect([...(await own.store.messages.haveOpen(ids))]).toEqual(['open']);
  }
});

test('held texts come most urgent first, then oldest first', async () => {
  const hold = { key: 'num_order', code: 'sender-uncertain', since: new Date() };
  const at = (s: number) => new Date(Date.UTC(2027, 0, 1, 0, 0, s));
  const held = async (kind: 'otp' | 'transactional' | 'marketing', second: number, expiresAt = at(3600)) =>
    (await storeTexts(1, { kind, status: 'held', hold, acceptedAt: at(second), expiresAt }))[0]?._id;
  const late = await held('marketing', 1, at(50));
  const second = await held('transactional', 9);
  const urgent = await held('otp', 20);
  const first = await held('transactional', 3, at(40));
  expect(idsOf(await own.store.messages.findHeld(hold.key, 10))).toEqual([urgent, first, second, late]);
  expect(idsOf(await own.store.messages.findHeld(hold.key, 2))).toEqual([urgent, first]);
  expect(await own.store.messages.nextHeldExpiry(hold.key)).toEqual(at(40));
  expect(idsOf(await own.store.messages.findHeldExpired(hold.key, at(45), 10))).toEqual([first]);
  expect(await own.store.messages.nextHeldExpiry('num_nobody')).toBeUndefined();
});

test('pages follow each other without gap or repetition, also where many texts are of one moment', async () => {
  const { store } = own;
  const at = new Date('2026-01-01T00:00:00Z');
  const texts = Array.from({ length: 23 }, (_, i) =>
    sampleText(store.vault, { to: '+12025550177', acceptedAt: new Date(at.getTime() + Math.floor(i / 6)) }),
  );
  await store.messages.insert(texts);
  const toKey = store.vault.numberKey('+12025550177');
  const seen: MessageDocument[] = [];
  for (;;) {
    const last = seen.at(-1);
    const before = last && { at: last.acceptedAt, id: last._id };
    const page = await store.messages.list({ toKey, ...(before && { before }) }, 4);
    seen.push(...page);
    if (page.length < 4) break;
  }
  const newestFirst = texts.toSorted(
    (a, b) => b.acceptedAt.getTime() - a.acceptedAt.getTime() || (a._id < b._id ? 1 : -1),
  );
  expect(idsOf(seen)).toEqual(idsOf(newestFirst));
});
