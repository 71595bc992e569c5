import { AsyncLocalStorage } from 'node:async_hooks';
import type { TimelineStore } from '../store/timeline.ts';
import type { Caller } from './authentication.ts';

const calls = new AsyncLocalStorage<Caller>();

/** Answers a call; everything that it does is the caller's doing. */
export function asCaller<T>(caller: Caller, handle: () => Promise<T>): Promise<T> {
  return calls.run(caller, handle);
}

/** Who the present call is of; undefined outside of one. */
export function currentCaller(): Caller | undefined {
  return calls.getStore();
}

/** A timeline in which each step of a caller says by which API key. */
export function timelineOfCallers(timeline: TimelineStore): TimelineStore {
  return {
    ...timeline,
    append(subjectId, series, position, entries) {
      const apiKeyId = currentCaller()?.keyId;
      const said = entries.map((entry) =>
        apiKeyId !== undefined && entry.actor === 'caller' ? { ...entry, by: { apiKeyId, ...entry.by } } : entry,
      );
      return timeline.append(subjectId, series, position, said);
    },
  };
}
