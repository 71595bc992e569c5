import { parseSender } from './sender.ts';

/** Kinds of senders that networks treat apart: one may reach a number that another can't. */
export const senderKinds = ['number', 'toll-free', 'short-code', 'alphanumeric'] as const;
export type SenderKind = (typeof senderKinds)[number];

/** A recipient who can't be reached by a kind of sender is spared for so long (reference: messaging, class «permanent»). */
export const suppressedForMs = 90 * 24 * 3600_000;

/** What tells how long a recipient is spared. */
export interface Suppression {
  readonly senderKind: SenderKind;
  readonly since: Date;
  readonly until: Date;
}

/** What has been heard of the recipient. */
export interface NewsOfRecipient {
  /** The latest consent that it has given. */
  readonly consentAt?: Date | undefined;
  /** The latest text that came in from it. */
  readonly inboundAt?: Date | undefined;
  /** When the portability database was first seen to name another provider. */
  readonly movedAt?: Date | undefined;
}

/** @param address in E.164, a short code or a name; what is none of them is a name to a network, too */
export function senderKindOf(address: string): SenderKind {
  const parsed = parseSender(address);
  if (!parsed.ok) return 'alphanumeric';
  if (parsed.sender.kind !== 'e164') return parsed.sender.kind;
  return parsed.sender.type === 'toll-free' ? 'toll-free' : 'number';
}

/**
 * Whether texts to the recipient are refused because it can't be reached: until a new consent or a text from it shows that somebody is there,
 * or its number has moved to another provider.
 */
export function isSuppressed({ since, until }: Suppression, news: NewsOfRecipient, now: Date): boolean {
  if (now >= until) return false;
  return ![news.consentAt, news.inboundAt, news.movedAt].some((at) => at !== undefined && at > since);
}
