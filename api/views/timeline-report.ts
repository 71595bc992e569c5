import PDFDocument from 'pdfkit';
import type { ChainFault } from '../../domain/hash-chain.ts';
import type { TimelineEntryAnswer } from '../schemas/timeline.ts';

/** What a report is about, for its first page. */
export interface ReportSubject {
  readonly title: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
}

/** A4, in points. */
const margin = 50;
const height = 842;
const width = 595 - 2 * margin;
/** A step stands on one page, unless it has much to say. */
const stepHeight = 50;

/**
 * The timeline as a PDF for people: what it is about, whether the chain is whole, and every step. Made while it is sent.
 * @param faults what the verification of the chain has found
 */
export async function* timelineReport(
  id: string,
  subject: ReportSubject,
  entries: AsyncIterable<TimelineEntryAnswer>,
  faults: readonly ChainFault[],
): AsyncIterable<Uint8Array> {
  const document = new PDFDocument({ size: 'A4', margin, info: { Title: `${subject.title} ${id}` } });
  const drawn = draw(document, id, subject, entries, faults).catch((error: unknown) =>
    document.destroy(error as Error),
  );
  yield* document as AsyncIterable<Uint8Array>;
  await drawn;
}

async function draw(
  document: PDFKit.PDFDocument,
  id: string,
  { title, facts }: ReportSubject,
  entries: AsyncIterable<TimelineEntryAnswer>,
  faults: readonly ChainFault[],
): Promise<void> {
  const plain = (size: number) => document.font('Helvetica').fontSize(size).fillColor('black');
  const strong = (size: number) => document.font('Helvetica-Bold').fontSize(size).fillColor('black');
  strong(16).text(title).moveDown(0.2);
  plain(9).text(id).moveDown();
  for (const [label, value] of facts) {
    strong(9).text(`${label}: `, { continued: true });
    plain(9).text(printable(value));
  }
  document.moveDown();
  strong(11).text('Chain of hashes');
  plain(9).text(faults.length === 0 ? 'Whole: no step was changed, removed or added.' : 'Not whole:');
  for (const { detail } of faults) plain(9).text(detail, { indent: 10 });
  document.moveDown();
  strong(11).text('Steps').moveDown(0.3);
  for await (const entry of entries) {
    if (document.y > height - margin - stepHeight) document.addPage();
    strong(8).text([entry.seq, entry.at, entry.type, entry.phoneNumber].filter(Boolean).join('  '), { width });
    plain(8).text(printable(entry.detail), { indent: 10, width });
    document.fillColor('#555').fontSize(7).text(whoAndWhence(entry), { indent: 10, width });
    document.text(entry.hash, { indent: 10, width }).moveDown(0.4);
  }
  document.end();
}

function whoAndWhence({ actor, by, carrierEventId, storedAt }: TimelineEntryAnswer): string {
  const who = [by?.apiKeyId && `API key ${by.apiKeyId}`, by?.carrier, by?.workflowId, by?.runId].filter(Boolean);
  const from = carrierEventId === undefined ? '' : `; from event ${carrierEventId}`;
  return printable(`by ${actor}${who.length > 0 ? ` (${who.join(', ')})` : ''}${from}; recorded ${storedAt}`);
}

/** The standard fonts of PDF have Latin letters only (Windows-1252). */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e\xa1-\xff–—‘’“”•…€]/g, '?');
}
