import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { type ConsentExportDependencies, consentExport, type ExportedLine } from '../consent-export.ts';
import { type ConsentImportDependencies, importConsents } from '../consent-import.ts';
import { type Operation, operation } from '../operation.ts';
import { type CheckDue, reassignmentChecksDue } from '../reassignment-checks-due.ts';
import { consentImportAnswer } from '../schemas/consent-files.ts';
import { moment } from '../views/moment.ts';

const tag = 'Consents';
const ndjson = 'application/x-ndjson';
const csv = 'text/csv';

/** Columns of an export, which an import takes, too. */
const columns = [
  ...['id', 'type', 'phoneNumber', 'sender', 'kinds', 'basis', 'lawfulBasis', 'source', 'jurisdiction'],
  ...['capturedAt', 'revokedAt', 'checkedAt', 'expiresAt', 'grantsUntil', 'expiresBecause', 'revokes', 'about'],
  ...[
    'honourBy',
    'portId',
    'reassigned',
    'subjectKey',
    'senderKey',
    'keyedUnder',
    'broken',
    'evidence',
    'evidence.source',
  ],
  ...['evidence.act', 'evidence.name', 'evidence.disclosure.text', 'evidence.disclosure.version'],
  ...['evidence.disclosure.sha256', 'evidence.disclosure.locale', 'evidence.sourceUrl', 'evidence.ip'],
  ...['evidence.userAgent', 'evidence.reference'],
] as const;
/** The ledger as a file: out of it, and into it. */
export function consentFileOperations({
  store,
  engine,
  carriers,
}: ConsentImportDependencies & ConsentExportDependencies): Operation[] {
  const exportAll = operation({
    method: 'get',
    path: '/v1/consents/export',
    summary: 'Export the whole consent ledger',
    description:
      'Person by person, in the order of their chains, as NDJSON or CSV (header Accept). It can be imported as it is, whole: each event keeps its id, and gets its place in the chain of there. Of who was erased a keyed hash stands there, which says who it was under the same PORTSMS_SECRET only. Lines of a person whose chain is not whole say so (`broken`), and are refused by an import.',
    tag,
    answers: {
      200: { description: 'One line for each event.', schema: z.string(), bytesAs: [ndjson, csv] },
    },
    async handle({ accepts }) {
      const asCsv = accepts([ndjson, csv]) === csv;
      return {
        status: 200,
        contentType: asCsv ? csv : ndjson,
        body: asCsv ? csvOf(consentExport({ store, carriers })) : ndjsonOf(consentExport({ store, carriers })),
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
      'A line with the id of an event (`cns_…`, `con_…`) is one of a ledger, as GET /v1/consents/export has it: it is recorded as it stands, of whatever type, once; texts that a person was still to read there wait here (GET /v1/opt-out-reviews).',
      'When it is answered its revocations hold, also for texts that were queued.',
    ].join(' '),
    tag,
    reads: [ndjson, csv],
    answers: { 200: { description: 'What came of it.', schema: consentImportAnswer } },
    problems: ['consent-file-unreadable', 'engine-unavailable'],
    // An event's id derives from its line.
    idempotency: 'by-document',
    async handle({ stream, mediaType = ndjson }) {
      return { status: 200, body: await importConsents({ store, engine }, stream, mediaType) };
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

async function* ndjsonOf(lines: AsyncIterable<ExportedLine>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}

async function* csvOf(lines: AsyncIterable<ExportedLine>): AsyncGenerator<string> {
  yield stringify([[...columns]]);
  for await (const line of lines) yield stringify([cellsOf(line)], { quoted_match: /^\s|\s$/ });
}

/** What of the evidence has no column, or is no word that a cell could hold as it is, stands in the column `evidence` as JSON. */
function cellsOf(line: ExportedLine): string[] {
  const rest = structuredClone(line.evidence ?? {});
  const cells = columns.map((column) => {
    if (!column.startsWith('evidence.')) return cellOf(line[column]);
    const path = column.split('.').slice(1);
    const name = path.pop() ?? '';
    const holder = path.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], rest);
    if (typeof holder !== 'object' || holder === null) return '';
    const value = (holder as Record<string, unknown>)[name];
    if (typeof value !== 'string' || value.trim() !== value) return '';
    delete (holder as Record<string, unknown>)[name];
    return value;
  });
  const said = JSON.stringify(rest);
  return cells.map((cell, index) => (columns[index] === 'evidence' && said !== '{}' ? said : cell));
}

function cellOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(' ');
  return value === undefined || typeof value === 'object' ? '' : String(value);
}
