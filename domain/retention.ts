import facts from './facts/retention.json' with { type: 'json' };

/** For how long a kind of data is kept (facts/retention.json). */
export interface RetentionRule {
  readonly id: string;
  readonly what: string;
  readonly purpose: string;
  /** In words, for people. */
  readonly period: string;
  readonly basis: string;
  readonly days?: number;
  readonly months?: number;
  readonly years?: number;
}

export const retentionRules: readonly RetentionRule[] = facts.rules;

export type RetentionId = 'words' | 'records' | 'look-ups' | 'consents' | 'opt-outs';

/** What was stored, or has ended, before then is not kept any longer. */
export function retentionCutoff(id: RetentionId, now: Date): Date {
  return shifted(now, ruleOf(id), -1);
}

/**
 * Until when the consent events of one person are kept. They are a chain, so they are kept and forgotten together: until the last of them
 * may be.
 * @returns undefined while a consent stands that neither expires nor was revoked
 */
export function consentsKeptUntil(
  events: readonly { readonly type: string; readonly at: Date; readonly expiresAt?: Date }[],
): Date | undefined {
  const revokedAt = events.filter((event) => event.type === 'revoked').map((event) => event.at.getTime());
  let until = 0;
  for (const { type, at, expiresAt } of events) {
    if (type === 'revoked') {
      until = Math.max(until, shifted(at, ruleOf('opt-outs'), 1).getTime());
      continue;
    }
    if (type !== 'granted') {
      until = Math.max(until, shifted(at, ruleOf('consents'), 1).getTime());
      continue;
    }
    const ends = [...revokedAt.filter((each) => each >= at.getTime()), ...(expiresAt ? [expiresAt.getTime()] : [])];
    if (ends.length === 0) return undefined;
    // What is to be shown is the longest time that it may have been relied on.
    until = Math.max(until, shifted(new Date(Math.max(...ends)), ruleOf('consents'), 1).getTime());
  }
  return new Date(until);
}

function ruleOf(id: RetentionId): RetentionRule {
  const rule = retentionRules.find((each) => each.id === id);
  if (!rule) throw new Error(`domain/facts/retention.json has no rule «${id}»: add it.`);
  return rule;
}

function shifted(date: Date, { days = 0, months = 0, years = 0 }: RetentionRule, sign: 1 | -1): Date {
  const moved = new Date(date);
  moved.setUTCFullYear(moved.getUTCFullYear() + sign * years, moved.getUTCMonth() + sign * months);
  moved.setUTCDate(moved.getUTCDate() + sign * days);
  return moved;
}
