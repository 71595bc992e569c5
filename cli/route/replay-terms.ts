import { type RoutingParameters, routingParameters } from '../../domain/route-choice/parameters.ts';
import { type SharesByKind, sharesByKind } from '../../domain/route-choice/shares.ts';

export interface ReplayTerms {
  readonly since: Date;
  readonly until: Date;
  readonly parameters: RoutingParameters;
}

const dayMs = 24 * 3600_000;

/**
 * Reads the arguments of a replay. Only what a choice depends on can be changed: what was learnt is in the stored choices.
 * @param values as typed; without a time it is about the last 24 hours
 * @throws Error that says what is wrong
 */
export function replayTerms(
  values: {
    readonly since?: string | undefined;
    readonly until?: string | undefined;
    readonly tolerance?: string | undefined;
    readonly exploration?: string | undefined;
  },
  now: Date,
): ReplayTerms {
  const until = momentOf(values.until, 'until') ?? now;
  const since = momentOf(values.since, 'since') ?? new Date(until.getTime() - dayMs);
  if (since >= until) throw new Error('--since is not before --until.');
  const { tolerance, exploration } = routingParameters;
  return {
    since,
    until,
    parameters: {
      ...routingParameters,
      tolerance: { ...tolerance, ...sharesOf(values.tolerance, 'tolerance') },
      exploration: { ...exploration, ...sharesOf(values.exploration, 'exploration') },
    },
  };
}

function sharesOf(text: string | undefined, option: string): SharesByKind {
  if (text === undefined) return {};
  const read = sharesByKind.safeParse(text);
  if (!read.success) throw new Error(`--${option} ${read.error.issues[0]?.message}`);
  return read.data;
}

function momentOf(text: string | undefined, option: string): Date | undefined {
  if (text === undefined) return undefined;
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) throw new Error(`--${option} takes a time, like 2026-12-01T00:00:00Z`);
  return moment;
}
