import { afterEach, describe, expect, it, vi } from 'vitest';
import { SubmissionLimits } from '../../activities/submission-limits.ts';
import { limitsShape } from '../../carriers/limits.ts';
import { ownStore } from '../store/own-store.ts';
import { fakeCarrier } from './fake-carrier.ts';

const own = ownStore();
afterEach(() => {
  vi.restoreAllMocks();
});
const keyOf = (sender: string) => `key-${sender}`;

/** The limits of one worker that has a share of the carrier. */
function limitsOf(carrier: string, limits: unknown, share = 1) {
  const settings = { limits: limitsShape.parse(limits) };
  const carriers = new Map([[carrier, { ...fakeCarrier(carrier, { settings }), share }]]);
  return new SubmissionLimits({ carriers, dayCounters: own.store.dayCounters, keyOf });
}
const texts = (sender: string, count: number, segments = 1) =>
  Array.from({ length: count }, (_, index) => ({ senderKey: keyOf(sender), segments, name: `${sender}${index}` }));
const names = (all: readonly { name: string }[]) => all.map(({ name }) => name);

describe('limits of senders', () => {
  it('cost nothing where there are none', async () => {
    const take = vi.spyOn(own.store.dayCounters, 'take');
    const all = texts('a', 300);
    expect((await limitsOf('free', {}).take('free', all, new Date())).go).toBe(all);
    expect(take).not.toHaveBeenCalled();
  });

  it('hold a sender up while others pass, by the worker’s share of the carrier (invariant 8)', async () => {
    const rates = { senders: { a: { segmentsPerSecond: 20 }, b: { segmentsPerSecond: 80 } } };
    const all = [...texts('a', 9), ...texts('b', 9), ...texts('c', 2)];
    const whole = await limitsOf('r1', rates).take('r1', all, new Date());
    expect(names(whole.go)).toEqual(['a0', 'a1', 'b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7', 'c0', 'c1']);
    expect(whole.held).toHaveLength(8);
    expect(whole.waitMs).toBeGreaterThan(0);
    expect(whole.waitMs).toBeLessThanOrEqual(13);
    const half = await limitsOf('r1', rates, 0.5).take('r1', all, new Date());
    expect(names(half.go)).toEqual(['a0', 'b0', 'b1', 'b2', 'b3', 'c0', 'c1']);
  });

  it('call the bulks of one sender back one after the other', async () => {
    const limits = limitsOf('r2', { eachSender: { segmentsPerSecond: 1 } });
    const now = new Date();
    const bulk = texts('a', 10);
    const { held } = await limits.take('r2', bulk, now);
    expect(held).toHaveLength(9);
    const backs = Array.from({ length: 3 }, () => limits.comeBack('r2', held, now).getTime() - now.getTime());
    expect(backs.map((ms) => Math.round(ms / 100))).toEqual([10, 20, 30]);
  });

  it('take back what was not written', async () => {
    const limits = limitsOf('r3', { eachSender: { segmentsPerSecond: 1, segmentsPerDay: 2 } });
    const [first] = (await limits.take('r3', texts('a', 1), new Date())).go;
    if (!first) throw new Error('a text');
    limits.giveBack('r3', first);
    expect((await limits.take('r3', texts('a', 1), new Date())).go).toHaveLength(1);
  });
});

describe('limits of a day', () => {
  const noon = new Date('2027-03-01T12:00:00Z');

  it('are totals over all workers, and say when the next day begins in their zone', async () => {
    const day = { segmentsPerDay: 100, dayZone: 'America/Los_Angeles' };
    const workers = [limitsOf('d1', day), limitsOf('d1', day), limitsOf('d1', day)];
    let sent = 0;
    for (let round = 0; round < 30; round++) {
      for (const worker of workers) {
        const { go, tomorrow } = await worker.take('d1', texts('a', 2), noon);
        sent += go.length;
        for (const { endsAt } of tomorrow.values()) expect(endsAt).toEqual(new Date('2027-03-02T08:00:00Z'));
      }
    }
    expect(sent).toBe(100);
    // The next day there is a new one.
    const next = await workers[0]?.take('d1', texts('a', 2), new Date('2027-03-02T08:00:00Z'));
    expect(next?.go).toHaveLength(2);
  });

  it('are neither exceeded nor used up too early when bulks take at the same time (invariant 8)', async () => {
    const limits = limitsOf('d3', { segmentsPerDay: 1000 });
    const { go } = await limits.take('d3', texts('a', 400), noon);
    for (const text of go.slice(0, 300)) limits.giveBack('d3', text);
    // The first needs a portion; the second would fit into what is there, if that were not the first one's.
    const bulks = await Promise.all([350, 200].map((count) => limits.take('d3', texts('a', count), noon)));
    expect(bulks.map((leave) => [leave.go.length, leave.tomorrow.size])).toEqual([
      [350, 0],
      [200, 0],
    ]);
    const last = await limits.take('d3', texts('a', 500), noon);
    expect([last.go.length, last.tomorrow.size]).toEqual([350, 150]);
  });

  it('are given back to the day that they were taken from, also after midnight', async () => {
    const limits = limitsOf('d4', { segmentsPerDay: 2 });
    const evening = new Date('2027-03-01T23:59:59Z');
    const morning = new Date('2027-03-02T00:00:01Z');
    const { go } = await limits.take('d4', texts('a', 2), evening);
    const next = await limits.take('d4', texts('b', 1), morning);
    for (const text of go) limits.giveBack('d4', text);
    const rest = await limits.take('d4', texts('c', 3), morning);
    expect([next.go.length, rest.go.length, rest.tomorrow.size]).toEqual([1, 1, 2]);
  });

  it('are known to whoever chooses a route, by what has been given out of them', async () => {
    const limits = limitsOf('d5', { senders: { a: { segmentsPerDay: 3 } } });
    const a = (segments: number) => ({ senderKey: keyOf('a'), segments });
    const first = await limits.usedUp([keyOf('a'), keyOf('b')], noon);
    expect([first('d5', a(3)), first('d5', a(4)), first('d5', { ...a(9), senderKey: keyOf('b') })]).toEqual([
      false,
      true,
      false,
    ]);
    await limits.take('d5', texts('a', 2), noon);
    const then = await limitsOf('d5', { senders: { a: { segmentsPerDay: 3 } } }).usedUp([keyOf('a')], noon);
    expect([then('d5', a(1)), then('d5', a(2))]).toEqual([false, true]);
  });

  it('say since when they are used up for texts of so many segments', async () => {
    const limits = limitsOf('d6', { segmentsPerDay: 3 });
    const at = (seconds: number) => new Date(noon.getTime() + seconds * 1000);
    const since = async (segments: number, seconds: number) =>
      [...(await limits.take('d6', texts('a', 1, segments), at(seconds))).tomorrow.values()].map((each) => each.since);
    expect(await since(2, 0)).toEqual([]);
    expect(await since(2, 1)).toEqual([at(1)]);
    expect(await since(3, 2)).toEqual([at(1)]);
    expect(await since(1, 3)).toEqual([]);
    expect(await since(1, 4)).toEqual([at(4)]);
    expect(await since(2, 5)).toEqual([at(4)]);
  });

  it('cost one round trip for a portion, not for a bulk', async () => {
    const take = vi.spyOn(own.store.dayCounters, 'take');
    const limits = limitsOf('d2', { segmentsPerDay: 100_000 });
    for (let bulk = 0; bulk < 10; bulk++) expect((await limits.take('d2', texts('a', 50), noon)).go).toHaveLength(50);
    expect(take).toHaveBeenCalledTimes(1);
    await limits.close();
    // 500 were spent, and nothing is kept by a process that has ended.
    expect(await own.store.dayCounters.take('d2/carrier/2027-03-01', 100_000, 99_501, 99_501)).toBe(0);
    expect(await own.store.dayCounters.take('d2/carrier/2027-03-01', 100_000, 99_500, 99_500)).toBe(99_500);
  });
});
