import { pino } from 'pino';
import { createRecipients, type Recipients } from '../../activities/recipients.ts';
import type { Store } from '../../store/store.ts';

/** Recipients that nobody can be asked about: there is no portability database. */
export function unverifiedRecipients(store: Store): Recipients {
  const portability = { name: 'none', lookUp: async () => undefined };
  return createRecipients({ store, portability, logger: pino({ enabled: false }) });
}
