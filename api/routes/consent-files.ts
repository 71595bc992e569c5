import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import type { ConsentRecord } from '../../store/consents.ts';
import type { Store } from '../../store/store.ts';
import { importConsents } from '../consent-import.ts';
import { type Operation, operation } from '../operation.ts';
import { type CheckDue, reassignmentChecksDue } from '../reassignment-checks-due.ts';
import { consentImportAnswer } from '../schemas/consent-files.ts';
import type { ConsentEvent } from '../schemas/consents.ts';
import { consentView } from '../views/consent-view.ts';
import { moment } from '../views/moment.ts';

const tag = 'Consents';
const ndjson = 'application/x-ndjson';
const csv = 'text/csv';

/** Columns of an export, which an import takes, too. What else the evidence holds, NDJSON has. */
const columns = [
  ...['id', 'type', 'phoneNumber', 'sender', 'kinds', 'basis', 'lawfulBasis', 'source', 'jurisdiction'],
  ...['capturedAt', 'revokedAt', 'checkedAt', 'expiresAt', 'expiresBecause', 'revokes', 'about', 'honourBy', 'portId'],
  ...['reassigned', 'evidence.source'],
  ...['evidence.act', 'evidence.name', 'evidence.disclosure.text', 'evidence.disclosure.version'],
  ...['evidence.disclosure.sha256', 'evidence.disclosure.locale', 'evidence.sourceUrl', 'evidence.ip'],
  ...['evidence.userAgent', 'evidence.reference'],
] as const;
/** Events whose keys are fetched together while the ledger is sent. */
const portion = 500;

/** The ledger as a file: out of it, and into it. */
export function consentFileOperations({
  store,
}: {
  readonly store: Pick<Store, 'consents' | 'messages' | 'subjectKeys' | 'vault'>;
}): Operation[] {
  const { consents, subjectKeys, vault } = store;

  async function* views(): AsyncGenerator<ConsentEvent> {
    let waiting: ConsentRecord[] = [];
    const opened = async (events: readonly ConsentRecord[]) => {
      await subjectKeys.loadFor(events.map(({ evidence }) => evidence));
      return events.map((event) => consentView(event, vault));
    };
    for await (const event of consents.stream()) {
      waiting.push(event);
      if (waiting.length < portion) continue;
      yield* await opened(waiting);
      waiting = [];
    }
    yield* await opened(waiting);
  }

  const exportAll = operation({
    method: 'get',
    path: '/v1/consents/export',
    summary: 'Export the whole consent ledger',
    description:
      'Person by person, in the order of their chains, as NDJSON or CSV (header Accept). Consents, revocations and look-ups of it can be imported as they are.',
    tag,
    answers: {
      200: { description: 'One line for each event.', schema: z.string(), bytesAs: [ndjson, csv] },
    },
    async handle({ accepts }) {
      const asCsv = accepts([ndjson, csv]) === csv;
      return {
        status: 200,
        contentType: asCsv ? csv : ndjson,
        body: asCsv ? csvOf(views()) : ndjsonOf(views()),
        headers: { 'content-disposition': `attachment; filename="consents.${asCsv ? 'csv' : 'ndjson'}"` },
      };
    },
  });

  const importAll = operation({
    method: 'post',
    path: '/v1/consents/import',
    summary: 'Record consents, revocations and look-ups of reassigned numbers from a file',
    description: [
      'NDJSON, a line as POST /v1/consents takes it, or with `"type": "revoked"` as POST /v1/revocations does; or CSV, whose first line names',
      `the columns, of: ${columns.join(', ')}, impliedBy, channel, words. \`kinds\` are words apart by blanks.`,
      'A line of the type `checked` says by `reassigned` (yes, no, no-data) whether a number has been reassigned, as POST /v1/consents/{id}/reassignment-checks does: of all consents of its person that were given before `checkedAt`.',
      'A line that is refused changes nothing for the others; the same file again records nothing twice. Read as it comes in, of any length.',
      'When it is answered its revocations hold, also for texts that were queued.',
    ].join(' '),
    tag,
    reads: [ndjson, csv],
    answers: { 200: { description: 'What came of it.', schema: consentImportAnswer } },
    problems: ['consent-file-unreadable'],
    // An event's id derives from its line.
    idempotency: 'by-document',
    async handle({ stream, mediaType = ndjson }) {
      return { status: 200, body: await importConsents(store, stream, mediaType) };
    },
  });

  const checksDue = operation({
    method: 'get',
    path: '/v1/reassignment-checks/due',
    summary: 'List the numbers whose owners may have changed since they consented',
    description:
      'As CSV: each number in a place with a register of reassigned numbers (US: the Reassigned Numbers Database) that was not asked since its newest data, with the date of the oldest consent that stands: ask whether it was reassigned since. The answers go to POST /v1/consents/import as lines of the type `checked`.',
    tag,
    answers: { 200: { description: 'A line for each number.', schema: z.string(), bytesAs: [csv] } },
    async handle() {
      return {
        status: 200,
        contentType: csv,
        body: csvOfDue(reassignmentChecksDue(store, new Date())),
        headers: { 'content-disposition': 'attachment; filename="reassignment-checks.csv"' },
      };
    },
  });

  return [exportAll, importAll, checksDue];
}

async function* csvOfDue(due: AsyncIterable<CheckDue>): AsyncGenerator<string> {
  yield stringify([['phoneNumber', 'since']]);
  for await (const { phoneNumber, since } of due) yield stringify([[phoneNumber, moment(since).slice(0, 10)]]);
}

/** When it happened has the name that an import takes it by. */
function asLine({ at, ...event }: ConsentEvent): Record<string, unknown> {
  return { ...event, [namesOfDates[event.type] ?? 'capturedAt']: at };
}

const namesOfDates: Readonly<Partial<Record<ConsentEvent['type'], string>>> = {
  revoked: 'revokedAt',
  checked: 'checkedAt',
};

async function* ndjsonOf(events: AsyncIterable<ConsentEvent>): AsyncGenerator<string> {
  for await (const event of events) yield `${JSON.stringify(asLine(event))}\n`;
}

async function* csvOf(events: AsyncIterable<ConsentEvent>): AsyncGenerator<string> {
  yield stringify([[...columns]]);
  for await (const event of events) {
    const line = asLine(event);
    yield stringify([columns.map((column) => cellOf(line, column))]);
  }
}

function cellOf(line: Record<string, unknown>, column: string): string {
  const value = column
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], line);
  if (Array.isArray(value)) return value.join(' ');
  return value === undefined ? '' : String(value);
}
