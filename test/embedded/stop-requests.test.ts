import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type StopRequests, stopRequests } from '../../embedded/stop-requests.ts';

let requests: StopRequests;
const now = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  requests = stopRequests();
  requests.onSecond(now);
});
afterEach(() => {
  requests.end();
  now.mockClear();
  vi.useRealTimers();
});

test('the same Ctrl-C, passed on by npm as well, is one request', async () => {
  process.emit('SIGINT');
  vi.advanceTimersByTime(200);
  process.emit('SIGINT');
  expect(await requests.first).toBe('stop');
  expect(now).not.toHaveBeenCalled();
});

test('a second one later means: now', async () => {
  process.emit('SIGTERM');
  vi.advanceTimersByTime(1_500);
  process.emit('SIGINT');
  await requests.first;
  expect(now).toHaveBeenCalledOnce();
});
