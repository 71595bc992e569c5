import { createHash } from 'node:crypto';
import { consentBehind } from '../domain/consent-evidence.ts';
import type { ConsentRecord } from '../store/consents.ts';
import type { MessageDocument } from '../store/messages.ts';
import type { PageEnd } from '../store/newest-first.ts';
import type { Store } from '../store/store.ts';
import type { EvidenceBundle } from './schemas/consent-evidence.ts';
import type { ConsentEvent } from './schemas/consents.ts';
import { consentViewOf } from './views/consent-view.ts';
import { outboundView } from './views/message-view.ts';
import { moment } from './views/moment.ts';

/** Texts that are read at a time. */
const portion = 500;

export type EvidenceStores = Pick<Store, 'consents' | 'erasures' | 'messages' | 'subjectKeys' | 'vault'>;

/**
 * Everything that shows whether one person might be texted: what they agreed to and took back, what they had been told, each text that was
 * sent under it with the decision about it, and whether the ledger is as it was written. All of it is in memory: a person gets some
 * thousands of texts in the months for which records are kept.
 */
export async function consentEvidence(phoneNumber: string, store: EvidenceStores, now: Date): Promise<EvidenceBundle> {
  const { consents, erasures, subjectKeys, vault } = store;
  const subject = vault.numberKey(phoneNumber);
  const [records, faults, erased, messages] = await Promise.all([
    consents.recordsOf(subject),
    consents.verify(subject),
    erasures.ofSubject(subject),
    textsTo(subject, store),
  ]);
  await subjectKeys.loadFor([...records.map(({ evidence }) => evidence), ...messages.map(({ to }) => to)]);
  const events = records.map((record) => consentViewOf(record, vault, faults.length > 0));
  // A person of whom nothing was ever recorded has no chain that could be wrong.
  const wrong = faults.filter(({ kind }) => kind !== 'absent').map(({ detail }) => detail);
  const content = {
    phoneNumber,
    subject,
    madeAt: moment(now),
    ledger: { whole: wrong.length === 0, faults: wrong, events },
    disclosures: disclosuresIn(events),
    texts: messages.map((message) => ({ message: outboundView(message, vault), ...behind(message, records) })),
    erasures: erased.map(({ _id }) => _id),
  };
  const sha256 = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return { content, sha256, signature: vault.fingerprint('consent-evidence', sha256) };
}

/** Every text to a person, the oldest first. */
async function textsTo(toKey: string, { messages }: Pick<Store, 'messages'>): Promise<MessageDocument[]> {
  const texts: MessageDocument[] = [];
  for (let before: PageEnd | undefined; ; ) {
    const page = await messages.list({ toKey, ...(before && { before }) }, portion);
    texts.push(...page);
    const last = page.at(-1);
    if (!last || page.length < portion) return texts.reverse();
    before = { at: last.acceptedAt, id: last._id };
  }
}

function behind({ kind, fromKey, attempts }: MessageDocument, records: readonly ConsentRecord[]): { consent?: string } {
  const at = attempts.at(-1)?.claimedAt;
  const consent = at && consentBehind(records, { kind, senderKey: fromKey, at });
  return consent ? { consent: consent._id } : {};
}

interface Disclosure {
  readonly sha256?: string;
  readonly text?: string;
  readonly version?: string;
  readonly locale?: string;
}

/** What was shown to the person, each once, with the events that name it. */
function disclosuresIn(events: readonly ConsentEvent[]): EvidenceBundle['content']['disclosures'] {
  const shown = new Map<string, { disclosure: Disclosure; events: string[] }>();
  for (const { id, evidence } of events) {
    const disclosure = evidence.disclosure as Disclosure | undefined;
    if (!disclosure) continue;
    const known = shown.get(JSON.stringify(disclosure));
    if (known) known.events.push(id);
    else shown.set(JSON.stringify(disclosure), { disclosure, events: [id] });
  }
  return [...shown.values()].map(({ disclosure, events: of }) => {
    const { sha256, text, version, locale } = disclosure;
    return { sha256, text, version, locale, events: of };
  });
}
