import type { MessageKind } from './message.ts';

/** What is read of an event of the consent ledger. */
interface Event {
  readonly _id: string;
  readonly type: string;
  readonly at: Date;
  readonly senderKey?: string;
  readonly kinds?: readonly MessageKind[];
  readonly expiresAt?: Date;
  readonly revokes?: string;
}

/**
 * The consent that stood when a text was sent: the last one that had been given for its sender and kind, had not expired, and had not been
 * taken back. It shows what was on record; whether the text might go was decided by domain/consent-decision.ts.
 * @param events the whole ledger of the recipient, in its order
 * @param text.at when a carrier was given it
 */
export function consentBehind<E extends Event>(
  events: readonly E[],
  text: { readonly kind: MessageKind; readonly senderKey: string; readonly at: Date },
): E | undefined {
  const covers = ({ senderKey, kinds }: Event) =>
    (senderKey ?? text.senderKey) === text.senderKey && (kinds?.includes(text.kind) ?? true);
  const before = events.filter((event) => event.at <= text.at);
  return before.findLast((grant, position) => {
    if (grant.type !== 'granted' || !covers(grant)) return false;
    if (grant.expiresAt !== undefined && grant.expiresAt <= text.at) return false;
    const after = before.filter((each, place) => each.type === 'revoked' && (each.at > grant.at || place > position));
    return !after.some((each) => each.revokes === grant._id || (each.revokes === undefined && covers(each)));
  });
}
