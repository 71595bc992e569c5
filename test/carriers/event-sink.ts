import type { CarrierEvent, EventSink } from '../../carriers/carrier.ts';

/** A sink to which all is new. */
export function sinkOf(take: (events: readonly CarrierEvent[]) => Promise<unknown>): EventSink {
  return {
    receive: async (events) => {
      await take(events);
      return new Map();
    },
    settled: async () => undefined,
  };
}
