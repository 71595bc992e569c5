import type { TimelineRecord } from '../../store/timeline.ts';
import type { TimelineEntryAnswer } from '../schemas/timeline.ts';
import { carrierEventLink } from './carrier-event-view.ts';
import { csvRows } from './csv-rows.ts';
import { moment } from './moment.ts';

/** A step as its owner sees it. @param phoneNumbers digits by `numberKey`, of the subject's own numbers */
export function timelineView(record: TimelineRecord, phoneNumbers: ReadonlyMap<string, string>): TimelineEntryAnswer {
  const { seq, at, actor, by, type, detail, numberKey, carrierEventId, previousHash, hash } = record;
  return {
    seq,
    at,
    actor,
    by,
    type,
    detail,
    phoneNumber: numberKey === undefined ? undefined : phoneNumbers.get(numberKey),
    carrierEventId,
    rawPayload: carrierEventId === undefined ? undefined : carrierEventLink(carrierEventId),
    storedAt: moment(record.storedAt),
    previousHash,
    hash,
  };
}

const columns: Readonly<Record<string, (entry: TimelineEntryAnswer) => string | number | undefined>> = {
  seq: ({ seq }) => seq,
  at: ({ at }) => at,
  actor: ({ actor }) => actor,
  apiKeyId: ({ by }) => by?.apiKeyId,
  carrier: ({ by }) => by?.carrier,
  workflowId: ({ by }) => by?.workflowId,
  runId: ({ by }) => by?.runId,
  type: ({ type }) => type,
  phoneNumber: ({ phoneNumber }) => phoneNumber,
  detail: ({ detail }) => detail,
  carrierEventId: ({ carrierEventId }) => carrierEventId,
  rawPayload: ({ rawPayload }) => rawPayload,
  storedAt: ({ storedAt }) => storedAt,
  previousHash: ({ previousHash }) => previousHash,
  hash: ({ hash }) => hash,
};

/** The whole timeline, row by row. */
export function timelineCsv(entries: AsyncIterable<TimelineEntryAnswer>): AsyncIterable<string> {
  return csvRows(entries, columns);
}
