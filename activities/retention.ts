import { asyncLocalStorage } from '@temporalio/activity';
import { consentsKeptUntil, retentionCutoff } from '../domain/retention.ts';
import type { Logger } from '../intake/logger.ts';
import type { Store } from '../store/store.ts';
import type { RetentionActivities } from './interfaces.ts';

/** Forgets what is not to be kept any longer (domain/facts/retention.json). Safe to repeat and to cut off. */
export function createRetentionActivities(deps: {
  readonly store: Pick<Store, 'retention'>;
  readonly logger: Logger;
  readonly now?: () => Date;
}): RetentionActivities {
  const { retention } = deps.store;
  const beat = () => asyncLocalStorage.getStore()?.heartbeat();
  return {
    async forgetWhatIsOver() {
      const now = deps.now?.() ?? new Date();
      const words = retentionCutoff('words', now);
      const records = retentionCutoff('records', now);
      const forgotten = {
        words:
          (await retention.forgetWords('messages', words, beat)) +
          (await retention.forgetWords('inboundTexts', words, beat)),
        records:
          (await retention.forgetRecords('messages', records, beat)) +
          (await retention.forgetRecords('inboundTexts', records, beat)),
        lookUps: await retention.forgetLookUps(retentionCutoff('look-ups', now), beat),
        ledgers: await retention.forgetLedgers(
          retentionCutoff('consents', now),
          (events) => (consentsKeptUntil(events) ?? now) < now,
          beat,
        ),
      };
      if (Object.values(forgotten).some((count) => count > 0))
        deps.logger.info(forgotten, 'data were forgotten whose time was over');
      return forgotten;
    },
  };
}
