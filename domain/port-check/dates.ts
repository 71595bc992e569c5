import type { PortFacts, PredictedRejection } from '../port-check.ts';

/** Whether the requested date can be agreed: countries' intervals predict, the carrier's own limit and the past are certain. */
export function datePredictions({ requestedFocAt, now, clocks }: PortFacts): PredictedRejection[] {
  if (!requestedFocAt) return [];
  const field = 'requestedFocAt';
  const later = 'Ask for a later date, or leave it out and take the earliest.';
  if (requestedFocAt <= now) {
    return [
      { code: 'requested-date-past', field, message: 'The requested date is in the past.', fix: later, certain: true },
    ];
  }
  const { earliestFocAt: earliest, latestFocAt: latest } = clocks ?? {};
  if (earliest && requestedFocAt < new Date(earliest)) {
    const message = `The requested date is nearer than such ports usually take; the earliest is ${earliest}.`;
    return [{ code: 'requested-date-too-near', field, message, fix: later, certain: false }];
  }
  if (latest && requestedFocAt > new Date(latest)) {
    const message = `The requested date is further away than the gaining carrier allows; the latest is ${latest}.`;
    return [{ code: 'requested-date-too-far', field, message, fix: 'Ask for an earlier date.', certain: true }];
  }
  return [];
}
