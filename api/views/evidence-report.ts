import PDFDocument from 'pdfkit';
import type { EvidenceBundle } from '../schemas/consent-evidence.ts';
import type { ConsentEvent } from '../schemas/consents.ts';
import { pdfFonts } from './pdf-fonts.ts';

/** A4, in points. */
const margin = 50;
const width = 595 - 2 * margin;
/** An entry stands on one page, unless it has much to say. */
const entryHeight = 60;

/** Evidence as a PDF for people: what was agreed and taken back, what was shown, what was sent. The JSON is attached as it is. */
export async function evidenceReport(bundle: EvidenceBundle): Promise<Buffer> {
  const { content } = bundle;
  const madeAt = new Date(content.madeAt);
  const document = new PDFDocument({
    size: 'A4',
    margin,
    lang: 'en',
    // Set, so that none of the standard fonts is loaded.
    font: pdfFonts.regular as unknown as string,
    info: { Title: 'Evidence of consent', CreationDate: madeAt, ModDate: madeAt },
  });
  document.registerFont('regular', pdfFonts.regular).registerFont('bold', pdfFonts.bold);
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.once('end', resolve);
    document.once('error', reject);
  });
  write(document, bundle);
  document.file(Buffer.from(JSON.stringify(bundle)), {
    name: 'consent-evidence.json',
    type: 'application/json',
    creationDate: madeAt,
    modifiedDate: madeAt,
  });
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

function write(document: PDFKit.PDFDocument, { content, sha256, signature }: EvidenceBundle): void {
  const heading = (text: string) => document.moveDown().font('bold').fontSize(11).fillColor('black').text(text);
  const line = (text: string) => document.font('regular').fontSize(8).fillColor('black').text(text, { width });
  const small = (text: string) =>
    document.font('regular').fontSize(7).fillColor('#555').text(text, { indent: 10, width });
  const entry = (title: string, lines: readonly (string | undefined)[]) => {
    if (document.y > document.page.height - margin - entryHeight) document.addPage();
    document.moveDown(0.3).font('bold').fontSize(8).fillColor('black').text(title, { width });
    for (const each of lines) if (each) small(each);
  };

  document.font('bold').fontSize(16).text('Evidence of consent');
  line(`Of ${content.phoneNumber}, made at ${content.madeAt}.`);
  line('The attached consent-evidence.json holds all of it, in every script.');
  small(`SHA-256 of its content: ${sha256}`);
  small(`Signature: ${signature}`);

  heading('Chain of hashes');
  line(content.ledger.whole ? 'Whole: no event was changed, removed or added.' : 'Not whole:');
  for (const fault of content.ledger.faults) small(fault);
  for (const id of content.erasures) small(`The person was erased: ${id}. What had named them is gone.`);

  heading('What the person agreed to, and took back');
  if (content.ledger.events.length === 0) line('Nothing is on record.');
  for (const event of content.ledger.events) entry(`${event.at}  ${event.type}  ${event.basis}`, detailsOf(event));

  heading('What the person was told');
  if (content.disclosures.length === 0) line('No disclosure is on record.');
  for (const { text, version, locale, sha256: hash, events } of content.disclosures) {
    entry([version && `version ${version}`, locale].filter(Boolean).join(', ') || 'disclosure', [
      text,
      hash && `SHA-256 ${hash}`,
      `before ${events.join(', ')}`,
    ]);
  }

  heading('Texts to the person');
  if (content.texts.length === 0) line('None is on record.');
  for (const { message, consent } of content.texts) {
    entry(`${message.acceptedAt}  ${message.kind}  ${message.status}`, [
      message.text,
      `from ${message.from}; ${message.id}`,
      consent ? `under ${consent}` : 'no consent stood, or none was asked',
      message.failure && `not sent: ${message.failure.code}`,
      ...message.attempts.map(({ carrier, claimedAt }) => `given to ${carrier} at ${claimedAt}`),
    ]);
  }
}

function detailsOf(event: ConsentEvent): (string | undefined)[] {
  const { id, source, sender, kinds, expiresAt, revokes, about, evidence } = event;
  // A note on another event reaches as far as that one, unless it says otherwise.
  const reaches = about === undefined || sender !== undefined || kinds !== undefined;
  return [
    `${id}; told by ${source}`,
    about && `about ${about}`,
    reaches ? `for ${kinds ? kinds.join(', ') : 'all kinds of texts'} from ${sender ?? 'all senders'}` : undefined,
    expiresAt && `until ${expiresAt}`,
    revokes && `takes back ${revokes}`,
    JSON.stringify(evidence),
  ];
}
