import type { CutoverActivities } from '../../activities/interfaces.ts';

type Begin = Parameters<CutoverActivities['beginUncertainty']>[0];
type Assess = Parameters<CutoverActivities['assess']>[0];

/** A cutover of a number from alpha to telnyx, voice and texts, in a minute. */
export function beginInput(portId: string, numberKey: string): Begin {
  const soon = new Date(Date.now() + 60_000).toISOString();
  const terms = { plan: 'move', gainingCarrier: 'telnyx', losingCarrier: 'alpha', proofDeadlineMs: 1000 } as const;
  return { portId, numberKey, ...terms, uncertainFrom: soon, focAt: soon };
}

/** A look at that cutover, of which nothing is proven yet. */
export function assessInput(portId: string, numberKey: string, change: Partial<Assess>): Assess {
  const nothing = { moved: false, databaseNamedGaining: false, campaign: 'not-needed' } as const;
  return { portId, numberKey, plan: 'move', gainingCarrier: 'telnyx', ...nothing, ...change };
}
