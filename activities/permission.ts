import { type ConsentEvent, standingOptOut } from '../domain/consent.ts';
import { decide, type Permission, type SenderFacts, type Stop } from '../domain/consent-decision.ts';
import { isAmong, placesOf, type RecipientPlaces } from '../domain/jurisdictions/recipient-places.ts';
import type { ContentRule } from '../domain/jurisdictions/row.ts';
import { jurisdictions } from '../domain/jurisdictions/rules.ts';
import { brokenContentRules } from '../domain/wording.ts';
import type { MessageDocument, StoredPermission } from '../store/messages.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import { brokenLedger } from './broken-ledger.ts';
import { recipientErased } from './erased-texts.ts';
import { senderFacts } from './sender-facts.ts';

/** What was loaded for many texts at once. */
export interface KnownFacts {
  /** The records of their senders; of a text that goes by its standby, that one's, too. */
  readonly numbers: ReadonlyMap<string, NumberDocument>;
  /** Every event in the ledger about their recipients. */
  readonly consents: ReadonlyMap<string, readonly ConsentEvent[]>;
  /** Other reasons why a text may not go. */
  readonly stopsOf?: (message: MessageDocument) => readonly Stop[];
}

/** Asks whether texts may leave; at admission, and again right before every submission. */
export interface Permissions {
  /**
   * Decides about each, and takes places under caps for those that may go. Of probes it says nothing.
   * Costs one find for marketing whose wording the law rules, unless the recipients' keys are in memory, and a transaction and a find where
   * a cap counts; nothing else.
   */
  weigh(messages: readonly MessageDocument[], known: KnownFacts): Promise<Map<string, Permission>>;
  /** Gives back the places of texts that may go and don't, for another reason; costs nothing where none of them has a place. */
  giveBack(messages: readonly MessageDocument[], permissions: ReadonlyMap<string, Permission>): Promise<void>;
}

export function createPermissions({ store }: { store: Pick<Store, 'caps' | 'subjectKeys' | 'vault'> }): Permissions {
  const { vault } = store;

  /** Where the recipient may be; opens its number only when acceptance has not told. */
  function whereOf(message: MessageDocument, events: readonly ConsentEvent[]): RecipientPlaces | undefined {
    if (message.kind !== 'marketing') return message.places;
    const declared = events.flatMap(({ jurisdiction }) => jurisdiction ?? []);
    const known = message.places?.places ?? [];
    if (message.places && declared.every((place) => isAmong(place, known))) return message.places;
    return placesOf(vault.open(message.to), [...known, ...declared].filter(isPlace));
  }

  function weighOne(
    message: MessageDocument,
    { numbers, consents, stopsOf }: KnownFacts,
    senders: Map<string, SenderFacts>,
    now: Date,
    reserved?: readonly Date[],
  ): Permission {
    const events = consents.get(message.toKey) ?? [];
    const isMarketing = message.kind === 'marketing';
    const broken = brokenLedger(events);
    if (broken) return broken;
    // Words and number of somebody who was erased can't be read, and nothing goes there.
    if (erasedSince(message, events) || (isMarketing && vault.isErased(message.text))) return erased;
    const by = message.route?.viaStandby ? message.route.sender.key : message.fromKey;
    const record = numbers.get(by);
    const sender = senders.get(by) ?? senderFacts(record, () => vault.open(message.from));
    senders.set(by, sender);
    const brand = () => (record?.brand ? vault.open(record.brand) : sender.name);
    const permission = decide(
      {
        kind: message.kind,
        senderKey: message.fromKey,
        expiresAt: message.expiresAt,
        ...(message.confirmsRevocation && { confirms: message.confirmsRevocation }),
      },
      {
        events,
        where: whereOf(message, events),
        sender,
        brokenContentRules: (asked: readonly ContentRule[]) =>
          brokenContentRules(vault.open(message.text), brand(), asked),
        ...(reserved && { reserved }),
        ...(stopsOf && { stops: stopsOf(message) }),
      },
      jurisdictions,
      now,
    );
    // Until it is claimed it may yet go by another route.
    if (by === message.fromKey || message.status !== 'claimed' || permission.decision !== 'send') return permission;
    // The recipient would see the standby's number: who has opted out of that one gets nothing from it.
    const optOut = standingOptOut({ kind: message.kind, senderKey: by, events, now });
    return optOut ? { ...optedOutOfStandby, weighed: [...permission.weighed, standbyRefused(optOut._id)] } : permission;
  }

  return {
    async weigh(messages, known) {
      const now = new Date();
      // Between two numbers of ours: it reaches nobody whose permission it would need.
      const asked = messages.filter((message) => !message.probe);
      const marketing = asked.filter(({ kind }) => kind === 'marketing');
      if (marketing.length > 0) await store.subjectKeys.loadFor(marketing.map(({ text }) => text));
      const senders = new Map<string, SenderFacts>();
      const permissions = new Map(asked.map((message) => [message._id, weighOne(message, known, senders, now)]));
      const capped = marketing.flatMap((message) => {
        const permission = permissions.get(message._id);
        return permission?.decision === 'send' && permission.cap ? [{ message, cap: permission.cap }] : [];
      });
      if (capped.length === 0) return permissions;
      const answers = await store.caps.reserve(
        capped.map(({ message, cap }) => ({ messageId: message._id, subjectKey: message.toKey, ...cap })),
        now,
      );
      for (const { message } of capped) {
        const answer = answers.get(message._id);
        if (answer?.reserved) continue;
        permissions.set(message._id, weighOne(message, known, senders, now, answer?.others ?? []));
      }
      return permissions;
    },

    async giveBack(messages, permissions) {
      const placed = messages.filter(({ _id }) => {
        const permission = permissions.get(_id);
        return permission?.decision === 'send' && permission.cap !== undefined;
      });
      await store.caps.giveBack(placed.map(({ _id, toKey }) => ({ messageId: _id, subjectKey: toKey })));
    },
  };
}

/** A decision as it is kept with the text: why it left, or didn't. */
export function storedPermission(permission: Permission, at: Date): StoredPermission {
  const { decision, weighed } = permission;
  return {
    at,
    decision,
    ...(permission.decision !== 'send' && { code: permission.code }),
    ...(permission.decision === 'refuse' && { reason: permission.reason }),
    ...(permission.decision === 'wait' && { until: permission.until }),
    ...(permission.decision === 'send' && permission.deliverBy && { deliverBy: permission.deliverBy }),
    weighed,
  };
}

const optedOutOfStandby = {
  decision: 'refuse',
  code: 'recipient-opted-out',
  reason: 'The recipient has opted out of texts from the sender that stands in for this one.',
} as const;

function standbyRefused(optOut: string) {
  return { rule: 'opt-out', says: 'refuse', because: optOut } as const;
}

/** The ledger is read after each claim, while a key that is gone may be in memory for some time (store/key-ring.ts). */
function erasedSince({ acceptedAt }: MessageDocument, events: readonly ConsentEvent[]): boolean {
  return events.some(({ source, at }) => source === 'erasure' && at >= acceptedAt);
}

const erased: Permission = {
  decision: 'refuse',
  code: recipientErased,
  reason: 'The recipient has been erased.',
  weighed: [{ rule: 'erasure', says: 'refuse', because: recipientErased }],
};

/** Records may hold what is no code of a place. */
function isPlace(declared: string): boolean {
  return /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/.test(declared);
}
