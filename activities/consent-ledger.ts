import { asyncLocalStorage } from '@temporalio/activity';
import type { Logger } from '../intake/logger.ts';
import type { ConsentEntry, ConsentRecord } from '../store/consents.ts';
import type { Store } from '../store/store.ts';
import type { ConsentLedgerActivities } from './interfaces.ts';

/** Consents that run out are noted in portions of so many. */
const portion = 500;
/** A broken ledger may have thousands of faults: so many are named in the log, the command names all. */
const namedFaults = 20;

/** The upkeep of the consent ledger, by schedule. */
export function createConsentLedgerActivities(deps: {
  readonly store: Pick<Store, 'consents' | 'vault'>;
  readonly logger: Logger;
}): ConsentLedgerActivities {
  const { consents, vault } = deps.store;
  const beat = () => asyncLocalStorage.getStore()?.heartbeat();

  const noteOn = (consent: ConsentRecord, now: Date): ConsentEntry => ({
    _id: vault.deriveId('con', 'expired', consent._id),
    type: 'expired',
    subjectKey: consent.subjectKey,
    ...(consent.senderKey !== undefined && { senderKey: consent.senderKey }),
    ...(consent.kinds && { kinds: consent.kinds }),
    basis: consent.basis,
    source: 'clock',
    at: consent.expiresAt ?? now,
    about: consent._id,
    ...(consent.expiresBecause !== undefined && { expiresBecause: consent.expiresBecause }),
    evidence: vault.seal('{}'),
  });

  return {
    async noteExpired() {
      const until = new Date();
      const after = (await consents.expiryNotedUntil()) ?? new Date(0);
      let noted = 0;
      let expired: ConsentRecord[] = [];
      const note = async () => {
        noted += (await consents.appendAll(expired.map((consent) => noteOn(consent, until)))).filter(Boolean).length;
        expired = [];
        beat();
      };
      for await (const consent of consents.expiredBetween(after, until)) {
        // A request that nobody confirmed is closed by its own process.
        if (consent.type === 'granted') expired.push(consent);
        if (expired.length === portion) await note();
      }
      await note();
      await consents.saveExpiryPass(until);
      return noted;
    },

    async verifyLedger() {
      const { subjects, events, faults } = await consents.verifyAll(beat);
      const broken = new Set(faults.map(({ subjectKey }) => subjectKey)).size;
      for (const { subjectKey, kind, detail } of faults.slice(0, namedFaults)) {
        deps.logger.error({ subjectKey, fault: kind }, `the consent ledger of a person is not whole: ${detail}`);
      }
      if (broken > 0) {
        deps.logger.error(
          { broken, subjects, events },
          'the consent ledger was tampered with: nothing is sent to these persons; run `portsms consents verify`',
        );
      }
      return { subjects, events, broken };
    },
  };
}
