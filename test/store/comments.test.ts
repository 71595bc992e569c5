import { expect, test } from 'vitest';
import type { CommentDocument } from '../../store/comments.ts';
import { bytesOf, ownStore } from './own-store.ts';
import { sampleComment } from './samples.ts';

const own = ownStore();
let count = 0;

async function store(rest: Partial<CommentDocument> = {}): Promise<string> {
  count += 1;
  const text = own.store.vault.seal('Ask for Ada Example');
  const comment = sampleComment(own.store.vault, `port_${count}`, { channel: 'mail', text, ...rest });
  await own.store.comments.insert(comment);
  return comment._id;
}
const later = (ms: number) => new Date(Date.now() + ms);

test('one of many who would send it wins the claim, until its time is over', async () => {
  const id = await store();
  const { claim } = own.store.comments;
  const claims = await Promise.all(Array.from({ length: 8 }, () => claim(id, later(0), 60_000)));
  const won = claims.filter((each) => each !== null);
  expect(won).toMatchObject([{ state: 'sending', attempts: 1 }]);
  expect(await claim(id, later(59_000), 60_000)).toBeNull();
  const second = await claim(id, later(61_000), 60_000);
  expect(second?.attempts).toBe(2);
  expect(second?.firstTriedAt).toEqual(won[0]?.firstTriedAt);
});

test('a failed attempt waits for the next one, or ends; a late word about an older attempt changes nothing', async () => {
  const id = await store();
  const { comments } = own.store;
  await comments.claim(id, later(0), 0);
  await comments.notSent(id, 1, 'smtp-451', later(1000));
  expect(await comments.find(id)).toMatchObject({ state: 'waiting', failure: 'smtp-451' });
  await comments.claim(id, later(2000), 0);
  await comments.notSent(id, 1, 'too-late', undefined);
  expect(await comments.find(id)).toMatchObject({ state: 'sending', attempts: 2 });
  await comments.notSent(id, 2, 'smtp-550', undefined);
  expect(await comments.find(id)).toMatchObject({ state: 'failed', failure: 'smtp-550' });
  expect((await comments.find(id))?.dueAt).toBeUndefined();
});

test('what was sent is due no more', async () => {
  const id = await store();
  const { comments } = own.store;
  await comments.claim(id, later(0), 60_000);
  expect(await comments.sent(id, 'c-1')).toBe(true);
  expect(await comments.sent(id)).toBe(false);
  expect(await comments.find(id)).toMatchObject({ state: 'sent', carrierCommentId: 'c-1' });
  expect((await comments.findDue(later(3600_000), 50)).map(({ _id }) => _id)).not.toContain(id);
});

test('they are read by port, oldest first, and stored sealed', async () => {
  await store({ portId: 'port_read', at: new Date('2026-11-26T11:00:00Z'), _id: 'cmt_b' });
  await store({ portId: 'port_read', at: new Date('2026-11-26T10:00:00Z'), _id: 'cmt_a' });
  expect((await own.store.comments.ofPort('port_read')).map(({ _id }) => _id)).toEqual(['cmt_a', 'cmt_b']);
  expect(await bytesOf(own.raw)).not.toContain('Ada');
});
