import { pino } from 'pino';
import { BreakerBook } from '../../activities/breaker-book.ts';
import { SubmissionLimits } from '../../activities/submission-limits.ts';
import type { Carrier } from '../../carriers/carrier.ts';
import type { Store } from '../../store/store.ts';

/** The limits and breakers of one worker, as its submissions need them. */
export function limitsOf(store: Store, carriers: ReadonlyMap<string, Carrier>) {
  return {
    limits: new SubmissionLimits({
      carriers,
      dayCounters: store.dayCounters,
      keyOf: (sender) => store.vault.numberKey(sender),
    }),
    breakers: new BreakerBook([...carriers.keys()], {
      breakers: store.breakers,
      logger: pino({ enabled: false }),
      isConnected: (carrier) => carriers.get(carrier)?.isConnected() ?? false,
    }),
  };
}
