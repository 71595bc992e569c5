import { stringify } from 'csv-stringify/sync';
import type { TimelineRecord } from '../../store/timeline.ts';
import type { TimelineEntryAnswer } from '../schemas/timeline.ts';
import { carrierEventLink } from './carrier-event-view.ts';
import { moment } from './moment.ts';

/** A step as its owner sees it. @param phoneNumbers digits by `numberKey`, of the subject's own numbers */
export function timelineView(record: TimelineRecord, phoneNumbers: ReadonlyMap<string, string>): TimelineEntryAnswer {
  const { seq, at, actor, by, type, detail, numberKey, carrierEventId, previousHash, hash } = record;
  const raw = record.rawRef ?? carrierEventId;
  return {
    seq,
    at,
    actor,
    by,
    type,
    detail,
    phoneNumber: numberKey === undefined ? undefined : phoneNumbers.get(numberKey),
    carrierEventId,
    rawPayload: raw === undefined ? undefined : carrierEventLink(raw),
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

/**
 * RFC 4180, row by row. A cell that a spreadsheet would take for a formula begins with an apostrophe; numbers keep their plus.
 */
export async function* timelineCsv(entries: AsyncIterable<TimelineEntryAnswer>): AsyncIterable<string> {
  const row = (cells: readonly unknown[]) => stringify([[...cells]], { record_delimiter: 'windows' });
  yield row(Object.keys(columns));
  for await (const entry of entries) {
    yield row(
      Object.entries(columns).map(([column, read]) => {
        const cell = String(read(entry) ?? '');
        return column !== 'phoneNumber' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
      }),
    );
  }
}
