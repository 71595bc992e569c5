import { z } from 'zod';
import type { Store } from '../store/store.ts';
import { type Operation, operation } from './operation.ts';
import type { ProblemCode } from './problem-codes.ts';
import { cursorAfter, type TimelineEntryAnswer, timeline, timelineQuery } from './schemas/timeline.ts';
import { type ReportSubject, timelineReport } from './views/timeline-report.ts';
import { timelineCsv, timelineView } from './views/timeline-view.ts';

const types = { json: 'application/json', csv: 'text/csv', pdf: 'application/pdf' } as const;

/** What has a timeline: a port, or another subject of store/timeline.ts. */
export interface TimelineSubject extends ReportSubject {
  /** Its numbers, by `numberKey`. */
  readonly phoneNumbers: ReadonlyMap<string, string>;
}

/**
 * The call that reads the timeline of one kind of subject: JSON in pages, CSV and PDF as a whole.
 * @param about.find gives the subject of an id @throws Problem when there is none
 */
export function timelineOperation(about: {
  readonly path: string;
  readonly tag: string;
  readonly problems: readonly ProblemCode[];
  readonly store: Pick<Store, 'timeline'>;
  find(id: string): Promise<TimelineSubject>;
}): Operation {
  const { timeline: timelines } = about.store;
  return operation({
    method: 'get',
    path: about.path,
    summary: 'Read who did what and when',
    description:
      'Every step, in the order in which it was recorded; `portsms timeline verify` proves that none was changed or lost. ' +
      'JSON comes in pages; CSV and PDF hold all of it.',
    tag: about.tag,
    params: z.strictObject({ id: z.string().max(100) }),
    query: timelineQuery,
    answers: { 200: { description: 'A page of steps.', schema: timeline, alsoAs: [types.csv, types.pdf] } },
    problems: about.problems,
    async handle({ params: { id }, query, accepts }) {
      const subject = await about.find(id);
      const type = query.format ? types[query.format] : accepts(Object.values(types));
      if (type === types.csv) return { status: 200, contentType: type, body: timelineCsv(all(id, subject)) };
      if (type === types.pdf) {
        const faults = await timelines.verify(id);
        return { status: 200, contentType: type, body: timelineReport(id, subject, all(id, subject), faults) };
      }
      const { cursor = 0, limit } = query;
      const found = await timelines.page(id, cursor, limit + 1);
      const data = found.slice(0, limit).map((record) => timelineView(record, subject.phoneNumbers));
      const last = data.at(-1);
      return { status: 200, body: { data, nextCursor: found.length > limit && last ? cursorAfter(last.seq) : null } };
    },
  });

  async function* all(id: string, { phoneNumbers }: TimelineSubject): AsyncIterable<TimelineEntryAnswer> {
    for await (const record of timelines.stream(id)) yield timelineView(record, phoneNumbers);
  }
}
