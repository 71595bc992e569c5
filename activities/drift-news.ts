import type { Drift, NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import type { TimelineEntry } from '../store/timeline.ts';

type Timeline = Pick<Store['timeline'], 'append'>;

/** Says that a number's record is not as the world has it; once for each drift, however often it is called. */
export const tellDrift = (timeline: Timeline, number: NumberDocument, drift: Drift): Promise<void> =>
  tell(timeline, number, drift, {
    type: 'number.drift',
    detail: `The record is not as the world has it: ${drift.kind} (${drift.detail.join(', ')}).`,
  });

/** Says that a drift is over; once. */
export const tellDriftEnd = (timeline: Timeline, number: NumberDocument, drift: Drift): Promise<void> =>
  tell(timeline, number, drift, { type: 'number.drift-ended', detail: `${drift.kind} is seen no more.` });

/** The owner is told by the timeline of the number's last port, or of the number itself. */
async function tell(
  timeline: Timeline,
  number: NumberDocument,
  drift: Drift,
  step: Pick<TimelineEntry, 'type' | 'detail'>,
): Promise<void> {
  const subject = number.history.at(-1)?.portId ?? number._id;
  const chain = `${step.type}/${number._id}/${drift.kind}-${drift.seenAt.getTime()}`;
  await timeline.append(subject, chain, 0, [
    { at: new Date().toISOString(), actor: 'portsms', numberKey: number._id, ...step },
  ]);
}
