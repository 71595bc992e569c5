import { z } from 'zod';
import type { Carrier } from '../carriers/carrier.ts';
import { consentQuestion } from '../domain/consent-confirmation.ts';
import { priorityOfKind } from '../domain/message.ts';
import { parsePhoneNumber } from '../domain/phone-number.ts';
import { segmentText } from '../domain/segments.ts';
import type { Engine } from '../intake/engine.ts';
import type { Store } from '../store/store.ts';
import { contentHash } from '../store/vault.ts';
import type { DoubleOptInActivities } from './interfaces.ts';

const ofRequest = z.looseObject({
  phoneNumber: z.string(),
  sender: z.string(),
  question: z.string().optional(),
});

/** Asks persons whether they agree, and closes what they did not answer. Safe to repeat: all ids derive from the request. */
export function createDoubleOptInActivities({
  store,
  engine,
  carriers,
}: {
  readonly store: Store;
  readonly engine: Engine;
  readonly carriers: ReadonlyMap<string, Carrier>;
}): DoubleOptInActivities {
  const { vault, consents } = store;

  /** By which name people know a sender: as its record says, else as the settings of the carrier that has it registered. */
  async function brandOf(sender: string): Promise<string | undefined> {
    const record = await store.numbers.find(vault.numberKey(sender));
    if (record?.brand) return vault.open(record.brand);
    return [...carriers.values()].find(({ settings }) => settings.senders.includes(sender))?.settings.brand;
  }

  return {
    async askForConsent({ consentId }) {
      const request = await consents.find(consentId);
      const now = new Date();
      if (request?.type !== 'requested' || !request.expiresAt || request.expiresAt <= now) return {};
      await store.subjectKeys.loadFor([request.evidence]);
      const evidence = vault.openUnlessErased(request.evidence);
      // Who was erased meanwhile is asked nothing.
      if (evidence === undefined) return {};
      const { phoneNumber, sender, question } = ofRequest.parse(JSON.parse(evidence));
      const parsed = parsePhoneNumber(phoneNumber);
      const text = question ?? consentQuestion(parsed.ok ? parsed.country : undefined, await brandOf(sender));
      const id = vault.deriveId('msg', 'consent-question', consentId);
      const [outcome] = await store.messages.insert([
        {
          _id: id,
          kind: 'transactional',
          priority: priorityOfKind.transactional,
          fromKey: vault.numberKey(sender),
          from: vault.seal(sender),
          toKey: request.subjectKey,
          to: vault.sealFor(request.subjectKey, phoneNumber),
          text: vault.sealFor(request.subjectKey, text),
          segments: segmentText(text).parts.length,
          requestHash: contentHash(['consent-question', consentId]),
          acceptedAt: now,
          expiresAt: request.expiresAt,
          allowDuplicate: false,
          workflowId: null,
          status: 'accepted',
          attempts: [],
          rev: 0,
        },
      ]);
      if (outcome === 'stored') await engine.startMessages([id], 'transactional', 'consent-question');
      return { until: request.expiresAt.toISOString() };
    },

    async closeRequest({ consentId }) {
      const request = await consents.find(consentId);
      if (!request || (await consents.find(vault.deriveId('con', 'confirmed', consentId)))) return;
      await consents.append({
        _id: vault.deriveId('con', 'expired', consentId),
        type: 'expired',
        subjectKey: request.subjectKey,
        ...(request.senderKey !== undefined && { senderKey: request.senderKey }),
        ...(request.kinds && { kinds: request.kinds }),
        basis: request.basis,
        source: 'clock',
        at: request.expiresAt ?? new Date(),
        expiresBecause: 'unconfirmed',
        about: consentId,
        evidence: vault.seal('{}'),
      });
    },
  };
}
