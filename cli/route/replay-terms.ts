import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageKinds } from '../../domain/message.ts';
import { type RoutingParameters, routingParameters } from '../../domain/route-choice/parameters.ts';

export interface ReplayTerms {
  readonly since: Date;
  readonly until: Date;
  readonly parameters: RoutingParameters;
}

const share = z.number().min(0).max(1);
const byKind = z.strictObject({ otp: share, transactional: share, conversational: share, marketing: share }).partial();
/** What a choice depends on; the rest is about learning, and what was learnt is in the stored choices. */
const file = z.strictObject({ tolerance: byKind.optional(), exploration: byKind.optional() });

/**
 * Reads the arguments of a replay.
 * @throws Error that says what is wrong
 */
export function replayTerms(
  values: {
    readonly since?: string | undefined;
    readonly until?: string | undefined;
    readonly parameters?: string | undefined;
    readonly tolerance?: readonly string[] | undefined;
    readonly exploration?: readonly string[] | undefined;
  },
  now: Date,
): ReplayTerms {
  const until = momentOf(values.until, 'until') ?? now;
  const since = momentOf(values.since, 'since') ?? new Date(until.getTime() - 24 * 3600_000);
  if (since >= until) throw new Error('--since is not before --until.');
  const given = values.parameters === undefined ? {} : fromFile(values.parameters);
  return {
    since,
    until,
    parameters: {
      ...routingParameters,
      tolerance: { ...routingParameters.tolerance, ...given.tolerance, ...shares(values.tolerance, 'tolerance') },
      exploration: {
        ...routingParameters.exploration,
        ...given.exploration,
        ...shares(values.exploration, 'exploration'),
      },
    },
  };
}

function fromFile(path: string): { tolerance?: object | undefined; exploration?: object | undefined } {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`--parameters: ${path} is not there, or is not JSON.`, { cause });
  }
  const read = file.safeParse(content);
  if (read.success) return read.data;
  const problems = read.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new Error(`--parameters: ${path}: ${problems.join('; ')}`);
}

function shares(given: readonly string[] | undefined, option: string): Record<string, number> {
  const kinds: readonly string[] = messageKinds;
  return Object.fromEntries(
    (given ?? []).map((each) => {
      const [kind = '', value = ''] = each.split('=', 2);
      const number = share.safeParse(value === '' ? undefined : Number(value));
      if (!kinds.includes(kind) || !number.success) {
        throw new Error(`--${option} takes a kind and a share: ${messageKinds.join(', ')}, like transactional=0.02`);
      }
      return [kind, number.data];
    }),
  );
}

function momentOf(text: string | undefined, option: string): Date | undefined {
  if (text === undefined) return undefined;
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) throw new Error(`--${option} takes a time, like 2026-12-01T00:00:00Z`);
  return moment;
}
