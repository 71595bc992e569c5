import facts from './facts/port-out-deadlines.json' with { type: 'json' };
import type { PortOutClocks } from './lifecycle/port-out.ts';

const hour = 3600_000;
const answerHours: Readonly<Record<string, { readonly answerHours: number } | undefined>> = facts.carriers;

/**
 * The deadline of an answer, and the earlier moment at which it is given for a person who has given none.
 * @param adapter of the carrier that is asked; one without a row has the shortest time that any is known to give
 * @param configuredHours what the carrier's own contract says, instead of the table
 */
export function portOutClocks(adapter: string, requestedAt: Date, configuredHours?: number): PortOutClocks {
  const hours = configuredHours ?? answerHours[adapter]?.answerHours ?? facts.otherwise.answerHours;
  const answerDue = requestedAt.getTime() + hours * hour;
  const ahead = Math.min(facts.decideAhead.hours, hours * facts.decideAhead.share) * hour;
  return {
    answerDueAt: new Date(answerDue).toISOString(),
    decideBy: new Date(answerDue - ahead).toISOString(),
  };
}
