import { describe, expect, it } from 'vitest';
import { SubmissionDesk, submissionsAtATime } from '../../activities/submission-desk.ts';

describe('the submissions that a process has in hand', () => {
  it('leave room for a lone text while its carrier’s queue would give this process another one at once', async () => {
    const desk = new SubmissionDesk(new Map([['alpha', { isConnected: () => true }]]));
    expect([desk.isFree('alpha'), desk.isFree('beta')]).toEqual([true, false]);
    const ends: (() => void)[] = [];
    const running = Array.from({ length: submissionsAtATime }, () => {
      expect(desk.isFree('alpha')).toBe(true);
      return desk.during('alpha', () => new Promise<void>((resolve) => ends.push(resolve)));
    });
    expect(desk.isFree('alpha')).toBe(false);
    ends[0]?.();
    await running[0];
    expect(desk.isFree('alpha')).toBe(true);
    const failed = desk.during('alpha', () => Promise.reject(new Error('no session')));
    expect(desk.isFree('alpha')).toBe(false);
    await expect(failed).rejects.toThrow('no session');
    expect(desk.isFree('alpha')).toBe(true);
  });

  it('leave none for a carrier whose sessions another process holds (invariant 8)', () => {
    let connected = false;
    const desk = new SubmissionDesk(new Map([['alpha', { isConnected: () => connected }]]));
    expect(desk.isFree('alpha')).toBe(false);
    connected = true;
    expect(desk.isFree('alpha')).toBe(true);
  });
});
