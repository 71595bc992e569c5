import { EventEmitter } from 'node:events';
import type { Request, Response } from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { arrivesInTime } from '../../api/arrival.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A request whose body has arrived, or not. */
class FakeRequest extends EventEmitter {
  complete = false;
  readonly destroy = vi.fn();
  readonly path: string;
  silence: (() => void) | undefined;

  constructor(path: string) {
    super();
    this.path = path;
  }

  setTimeout(_ms: number, then: () => void): void {
    this.silence = then;
  }
}

function arrive(path: string): FakeRequest {
  const request = new FakeRequest(path);
  const next = vi.fn();
  const handler = arrivesInTime(new Set(['/v1/message-batches']));
  handler(request as unknown as Request, {} as Response, next);
  expect(next).toHaveBeenCalledOnce();
  return request;
}

describe('a request', () => {
  it('whose body does not arrive in time is cut off', () => {
    const request = arrive('/v1/messages');
    vi.advanceTimersByTime(29_000);
    expect(request.destroy).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2_000);
    expect(request.destroy).toHaveBeenCalledOnce();
  });

  it('that has arrived may be answered as slowly as it takes', () => {
    const request = arrive('/v1/messages');
    request.complete = true;
    vi.advanceTimersByTime(120_000);
    expect(request.destroy).not.toHaveBeenCalled();
  });

  it('that has ended leaves no timer behind', () => {
    arrive('/v1/messages').emit('close');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('with a file may come for minutes, but not fall silent', () => {
    const request = arrive('/v1/message-batches');
    vi.advanceTimersByTime(600_000);
    expect(request.destroy).not.toHaveBeenCalled();
    request.silence?.();
    expect(request.destroy).toHaveBeenCalledOnce();
  });

  it('with a file that is being worked on is not cut off for its silence', () => {
    const request = arrive('/v1/message-batches');
    request.complete = true;
    request.silence?.();
    expect(request.destroy).not.toHaveBeenCalled();
  });
});
