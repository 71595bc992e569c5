import { stringify } from 'csv-stringify/sync';
import type { PortDocument } from '../../store/ports.ts';
import type { TimelineEntry } from '../../store/timeline.ts';
import type { Vault } from '../../store/vault.ts';
import type { TimelineEntryAnswer } from '../schemas/ports.ts';

/** The steps of a port, or of a port-out, as its owner sees them: numbers by their digits instead of their keys. */
export function timelineView(
  port: { readonly numbers: readonly Pick<PortDocument['numbers'][number], 'numberKey' | 'number'>[] },
  entries: readonly TimelineEntry[],
  vault: Vault,
): TimelineEntryAnswer[] {
  const phoneNumbers = new Map(port.numbers.map((each) => [each.numberKey, vault.open(each.number)]));
  return entries.map(({ at, actor, type, detail, numberKey, carrierEventId }) => ({
    at,
    actor,
    type,
    detail,
    phoneNumber: numberKey === undefined ? undefined : phoneNumbers.get(numberKey),
    carrierEventId,
  }));
}

/** RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe; numbers keep their plus. */
export function timelineCsv(entries: readonly TimelineEntryAnswer[]): string {
  const columns = ['at', 'actor', 'type', 'phoneNumber', 'detail', 'carrierEventId'] as const;
  const guarded = entries.map((entry) =>
    columns.map((column) => {
      const cell = entry[column] ?? '';
      return column !== 'phoneNumber' && /^[=+\-@\t]/.test(cell) ? `'${cell}` : cell;
    }),
  );
  return stringify([[...columns], ...guarded], { record_delimiter: 'windows' });
}
