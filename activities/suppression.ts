import { isSuppressed, senderKindOf } from '../domain/suppression.ts';
import type { ConsentDocument } from '../store/consents.ts';
import type { MessageDocument } from '../store/messages.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import type { SuppressionDocument } from '../store/suppressions.ts';

/** Says which texts go to recipients whom their sender can't reach. */
export type IsSuppressed = (message: MessageDocument) => boolean;

/**
 * Weighs what is suppressed against what has been heard of the recipients since. Costs nothing where nothing is suppressed.
 * @param found all suppressions of the recipients in question
 */
export async function weighSuppressions(
  found: readonly SuppressionDocument[],
  heard: {
    readonly consents: ReadonlyMap<string, readonly ConsentDocument[]>;
    readonly numbers: ReadonlyMap<string, NumberDocument>;
  },
  store: Pick<Store, 'inboundTexts' | 'vault'>,
  now: Date,
): Promise<IsSuppressed> {
  if (found.length === 0) return () => false;
  const bySubject = new Map<string, SuppressionDocument[]>();
  for (const each of found) bySubject.set(each.subjectKey, [...(bySubject.get(each.subjectKey) ?? []), each]);
  const since = new Date(Math.min(...found.map((each) => each.since.getTime())));
  const inboundAt = await store.inboundTexts.latestFrom([...bySubject.keys()], since);
  return ({ toKey, from, probe }) => {
    const suppressions = bySubject.get(toKey);
    if (!suppressions || probe) return false;
    const senderKind = senderKindOf(store.vault.open(from));
    const news = {
      consentAt: latestGrant(heard.consents.get(toKey) ?? []),
      inboundAt: inboundAt.get(toKey),
      movedAt: heard.numbers.get(toKey)?.lookUp?.changedAt,
    };
    return suppressions.some((each) => each.senderKind === senderKind && isSuppressed(each, news, now));
  };
}

function latestGrant(events: readonly ConsentDocument[]): Date | undefined {
  return events
    .filter(({ type }) => type === 'granted')
    .reduce<Date | undefined>((latest, { at }) => (latest && latest > at ? latest : at), undefined);
}
