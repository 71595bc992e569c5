import { describe, expect, it } from 'vitest';
import { CarrierUnavailable } from '../../carriers/errors.ts';
import { type Lane, Room } from '../../carriers/room.ts';

class TestLane implements Lane {
  capacity: number;
  unanswered = 0;
  isOpen = true;
  constructor(capacity: number) {
    this.capacity = capacity;
  }
}

describe('Room', () => {
  it('gives from the lane that has most room, and never more than it has', async () => {
    const [small, large] = [new TestLane(4), new TestLane(6)];
    const room = new Room('alpha', 100_000, () => [small, large]);
    const first = await room.reserve({ wanted: 100, timeoutMs: 100 });
    const second = await room.reserve({ wanted: 100, timeoutMs: 100 });
    expect([first.lane, first.segments, second.lane, second.segments]).toEqual([large, 6, small, 4]);
    await expect(room.reserve({ wanted: 1, timeoutMs: 20 })).rejects.toThrow(
      'had no room in its window or rate for 20 ms',
    );
  });

  it('lets a text that is longer than the window wait for an empty one', async () => {
    const lane = new TestLane(4);
    const room = new Room('alpha', 100_000, () => [lane]);
    const one = await room.reserve({ wanted: 1, timeoutMs: 100 });
    const long = room.reserve({ wanted: 9, timeoutMs: 1_000, atLeast: 9 });
    const behind = room.reserve({ wanted: 1, timeoutMs: 1_000 });
    await expect(
      Promise.race([long, behind, new Promise((resolve) => setTimeout(resolve, 20, 'waits'))]),
    ).resolves.toBe('waits');
    one.release();
    const given = await long;
    expect(given.segments).toBe(9);
    given.release();
    expect((await behind).segments).toBe(1);
  });

  it('says that there was no connection when there was none', async () => {
    const lane = new TestLane(4);
    lane.isOpen = false;
    const room = new Room('alpha', 10, () => [lane]);
    const reserving = room.reserve({ wanted: 1, timeoutMs: 20 });
    await expect(reserving).rejects.toBeInstanceOf(CarrierUnavailable);
    await expect(reserving).rejects.toThrow('Carrier alpha was not connected for 20 ms');
    await expect(reserving).rejects.toMatchObject({ notConnected: true });
  });

  it('collects a chunk for a bulk before it gives, but not for long', async () => {
    const lane = new TestLane(40);
    const room = new Room('alpha', 100_000, () => [lane]);
    lane.unanswered = 39;
    const before = performance.now();
    const reservation = await room.reserve({ wanted: 40, timeoutMs: 1_000 });
    expect(reservation.segments).toBe(1);
    expect(performance.now() - before).toBeGreaterThanOrEqual(45);
    reservation.release();
    const lone = performance.now();
    (await room.reserve({ wanted: 1, timeoutMs: 1_000 })).release();
    expect(performance.now() - lone).toBeLessThan(40);
  });

  it('turns everyone away when it closes', async () => {
    const lane = new TestLane(1);
    const room = new Room('alpha', 100_000, () => [lane]);
    await room.reserve({ wanted: 1, timeoutMs: 100 });
    const waiting = [room.reserve({ wanted: 1, timeoutMs: 10_000 }), room.reserve({ wanted: 1, timeoutMs: 10_000 })];
    room.close();
    for (const each of waiting) await expect(each).rejects.toBeInstanceOf(CarrierUnavailable);
    await expect(room.reserve({ wanted: 1, timeoutMs: 10 })).rejects.toThrow('is being closed');
  });

  it('serves the more urgent first, and among equals who asked first', async () => {
    const lane = new TestLane(1);
    const room = new Room('alpha', 100_000, () => [lane]);
    const held = await room.reserve({ wanted: 1, timeoutMs: 100 });
    const served: string[] = [];
    const ask = (name: string, priority: number) =>
      room.reserve({ wanted: 1, timeoutMs: 1_000, atLeast: 1, priority }).then((reservation) => {
        served.push(name);
        reservation.release();
      });
    const all = [ask('marketing', 4), ask('code', 1), ask('receipt', 2), ask('second code', 1)];
    held.release();
    await Promise.all(all);
    expect(served).toEqual(['code', 'second code', 'receipt', 'marketing']);
  });

  it('gives and writes nothing any more when its time is over (invariant 8)', async () => {
    const lane = new TestLane(10);
    const room = new Room('alpha', 1000, () => [lane]);
    const monotonic = performance.now() + 60;
    room.allot(1, { monotonic, wall: Date.now() + 60_000 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const reservation = await room.reserve({ wanted: 4, timeoutMs: 100 });
    expect(reservation.spend(1)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(reservation.spend(1)).toBe(false);
    reservation.release();
    await expect(room.reserve({ wanted: 1, timeoutMs: 20 })).rejects.toThrow(
      'was with other workers, which hold its slots, for 20 ms',
    );
    // A machine that slept: its monotonic clock stood still.
    room.allot(1, { monotonic: performance.now() + 60_000, wall: Date.now() - 1 });
    await expect(room.reserve({ wanted: 1, timeoutMs: 20 })).rejects.toBeInstanceOf(CarrierUnavailable);
    room.allot(1, { monotonic: performance.now() + 60_000, wall: Date.now() + 60_000 });
    expect((await room.reserve({ wanted: 1, timeoutMs: 100 })).segments).toBe(1);
  });

  it('gives the part of its rate that is held', async () => {
    const lane = new TestLane(1000);
    const room = new Room('alpha', 400, () => [lane]);
    room.allot(0.25, { monotonic: Number.POSITIVE_INFINITY, wall: Number.POSITIVE_INFINITY });
    let written = 0;
    const stopAt = performance.now() + 600;
    while (performance.now() < stopAt) {
      const reservation = await room.reserve({ wanted: 5, timeoutMs: 1000 });
      written += reservation.segments;
      reservation.spend(reservation.segments);
      reservation.release();
    }
    expect(written).toBeGreaterThan(35);
    expect(written).toBeLessThanOrEqual(75);
  });
});
