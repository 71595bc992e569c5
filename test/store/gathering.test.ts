import { describe, expect, it } from 'vitest';
import { gather } from '../../store/gathering.ts';

/** Work that ends when told, and remembers what it was given. */
function controlled() {
  const calls: { items: readonly number[]; end: (error?: Error) => void }[] = [];
  const work = (items: readonly number[]) =>
    new Promise<number[]>((resolve, reject) => {
      calls.push({ items, end: (error) => (error ? reject(error) : resolve(items.map((item) => item * 10))) });
    });
  return { calls, work };
}

describe('gather', () => {
  it('does a lone item at once, and what comes meanwhile in one go', async () => {
    const { calls, work } = controlled();
    const submit = gather(work, 100);
    const first = submit(1);
    expect(calls.map(({ items }) => items)).toEqual([[1]]);
    const later = [submit(2), submit(3)];
    expect(calls).toHaveLength(1);
    calls[0]?.end();
    expect(await first).toBe(10);
    await expect.poll(() => calls.length).toBe(2);
    expect(calls[1]?.items).toEqual([2, 3]);
    calls[1]?.end();
    expect(await Promise.all(later)).toEqual([20, 30]);
  });

  it('takes at most so many at once', async () => {
    const { calls, work } = controlled();
    const submit = gather(work, 2);
    const all = [1, 2, 3, 4].map(submit);
    for (const expected of [[1], [2, 3], [4]]) {
      await expect.poll(() => calls.at(-1)?.items).toEqual(expected);
      calls.at(-1)?.end();
    }
    expect(await Promise.all(all)).toEqual([10, 20, 30, 40]);
  });

  it('fails the items of a call that failed, and no other', async () => {
    const { calls, work } = controlled();
    const submit = gather(work, 100);
    const first = submit(1);
    const second = submit(2);
    calls[0]?.end(new Error('The disk is full.'));
    await expect(first).rejects.toThrow('The disk is full.');
    await expect.poll(() => calls.length).toBe(2);
    calls[1]?.end();
    expect(await second).toBe(20);
  });
});
