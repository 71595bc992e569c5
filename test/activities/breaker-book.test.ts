import { beforeEach, describe, expect, it } from 'vitest';
import { BreakerBook } from '../../activities/breaker-book.ts';
import { ownStore } from '../store/own-store.ts';

const own = ownStore();
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const samples = (count: number, failed: boolean) => Array.from({ length: count }, () => ({ failed, ms: 5 }));
const begun = Date.parse('2027-01-01T00:00:00Z');
const atSecond = (seconds: number) => new Date(begun + seconds * 1000);

let carrier = '';
let count = 0;
let book: BreakerBook;
let connected = false;
const another = () =>
  new BreakerBook([carrier, 'beta'], { breakers: own.store.breakers, logger: silent, isConnected: () => connected });
beforeEach(() => {
  count++;
  carrier = `alpha-${count}`;
  connected = false;
  book = another();
});

describe('a breaker', () => {
  it('lets everything through while the carrier is in order', async () => {
    await book.seen(carrier, samples(100, false), atSecond(0));
    expect(book.allow(carrier, 300, atSecond(1))).toEqual({ texts: 300 });
    expect(book.isOpen(carrier, atSecond(1))).toBe(false);
  });

  it('opens for all processes, and for no other carrier', async () => {
    const other = another();
    await book.seen(carrier, samples(20, true), atSecond(0));
    await other.refresh();
    for (const each of [book, other]) {
      expect(each.isOpen(carrier, atSecond(29))).toBe(true);
      expect(each.isOpen('beta', atSecond(29))).toBe(false);
      expect(each.allow(carrier, 300, atSecond(29))).toEqual({ texts: 0, askAgainAt: atSecond(30) });
    }
  });

  it('lets five probes through after its pause, and closes when all of them came through', async () => {
    await book.seen(carrier, samples(20, true), atSecond(0));
    expect(book.isOpen(carrier, atSecond(31))).toBe(false);
    expect(book.allow(carrier, 3, atSecond(31))).toEqual({ texts: 3 });
    expect(book.allow(carrier, 300, atSecond(31))).toEqual({ texts: 2 });
    expect(book.allow(carrier, 300, atSecond(31))).toEqual({ texts: 0, askAgainAt: atSecond(32) });
    await book.seen(carrier, samples(4, false), atSecond(32));
    expect(book.allow(carrier, 300, atSecond(32)).texts).toBe(0);
    await book.seen(carrier, samples(1, false), atSecond(32));
    expect(book.allow(carrier, 300, atSecond(32))).toEqual({ texts: 300 });
    const other = another();
    await other.refresh();
    expect(other.allow(carrier, 300, atSecond(32))).toEqual({ texts: 300 });
  });

  it('opens for twice as long when a probe fails, and begins anew at 30 s after it has closed', async () => {
    await book.seen(carrier, samples(20, true), atSecond(0));
    book.allow(carrier, 1, atSecond(31));
    await book.seen(carrier, samples(1, true), atSecond(31));
    expect(book.allow(carrier, 1, atSecond(90))).toEqual({ texts: 0, askAgainAt: atSecond(91) });
    expect(book.allow(carrier, 9, atSecond(91)).texts).toBe(5);
    await book.seen(carrier, samples(5, false), atSecond(92));
    await book.seen(carrier, samples(20, true), atSecond(100));
    expect(book.allow(carrier, 1, atSecond(101))).toEqual({ texts: 0, askAgainAt: atSecond(130) });
  });

  it('gives probes anew that were not written, or whose answer does not come', async () => {
    await book.seen(carrier, samples(20, true), atSecond(0));
    expect(book.allow(carrier, 5, atSecond(31)).texts).toBe(5);
    book.unwritten(carrier, 2);
    expect(book.allow(carrier, 5, atSecond(31)).texts).toBe(2);
    expect(book.allow(carrier, 5, atSecond(47)).texts).toBe(5);
  });

  it('is probed anew when it could not be written down that it has closed', async () => {
    const store = { ...own.store.breakers };
    book = new BreakerBook([carrier], { breakers: store, logger: silent, isConnected: () => false });
    await book.seen(carrier, samples(20, true), atSecond(0));
    expect(book.allow(carrier, 5, atSecond(31)).texts).toBe(5);
    store.change = () => Promise.reject(new Error('away'));
    await expect(book.seen(carrier, samples(5, false), atSecond(32))).rejects.toThrow('away');
    store.change = own.store.breakers.change;
    expect(book.allow(carrier, 5, atSecond(33)).texts).toBe(5);
    await book.seen(carrier, samples(5, false), atSecond(34));
    expect(book.allow(carrier, 300, atSecond(34))).toEqual({ texts: 300 });
  });

  it('of a carrier that nobody is connected to turns texts to others, keeps none, and closes with the connection', async () => {
    const other = another();
    await book.unreachable(carrier, new Date());
    await other.refresh();
    for (const each of [book, other]) {
      expect(each.isOpen(carrier, new Date())).toBe(true);
      expect(each.allow(carrier, 300, new Date())).toEqual({ texts: 300 });
    }
    connected = true;
    await other.refresh();
    expect(other.isOpen(carrier, new Date())).toBe(false);
    connected = false;
    await book.refresh();
    expect(book.isOpen(carrier, new Date())).toBe(false);
  });

  it('that opened for what the carrier answered is not closed by a connection, and a probe without one has failed', async () => {
    await book.seen(carrier, samples(20, true), atSecond(0));
    await book.unreachable(carrier, atSecond(10));
    connected = true;
    await book.refresh();
    expect(book.allow(carrier, 1, atSecond(29)).texts).toBe(0);
    await book.unreachable(carrier, atSecond(31));
    expect(book.allow(carrier, 1, atSecond(32))).toEqual({ texts: 0, askAgainAt: atSecond(91) });
  });

  it('takes no notice of late answers to what was written before it opened', async () => {
    await book.seen(carrier, samples(20, true), atSecond(0));
    await book.seen(carrier, samples(10, false), atSecond(5));
    await book.seen(carrier, samples(10, true), atSecond(5));
    expect(book.allow(carrier, 1, atSecond(6))).toEqual({ texts: 0, askAgainAt: atSecond(30) });
  });
});
