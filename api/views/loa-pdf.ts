import { createHash } from 'node:crypto';
import PDFDocument from 'pdfkit';
import { type Loa, signedText } from '../../domain/loa.ts';
import type { LoaSignature } from '../schemas/documents.ts';
import { pdfFonts } from './pdf-fonts.ts';

/** Points of an inch are 72. */
const margin = 56;
const size = { title: 15, heading: 10.5, body: 9.5, small: 7.5 };
const labelWidth = 110;
const numbersPerRow = 4;
const ink = { text: '#111111', label: '#555555', line: '#bbbbbb' };

const methods: Readonly<Record<LoaSignature['method'], string>> = {
  typed: 'typed name',
  drawn: 'drawn signature',
  click: 'click on a confirmation',
  'sms-code': 'code sent by text message',
  'email-link': 'link sent by mail',
  certificate: 'certificate',
  voice: 'recording of the voice',
  wet: 'signature on paper',
};

/**
 * The letter as PDF, with the evidence of its signature. The signed text is attached, so that anybody can check its SHA-256. The same
 * letter and signature give the same bytes.
 */
export async function loaPdf(
  loa: Loa,
  signature: LoaSignature,
  signedAt: Date,
): Promise<{ readonly pdf: Buffer; readonly signedTextSha256: string }> {
  const text = signedText(loa);
  const signedTextSha256 = createHash('sha256').update(text).digest('hex');
  const doc = new PDFDocument({
    size: loa.pageSize,
    margin,
    bufferPages: true,
    pdfVersion: '1.7',
    lang: 'en',
    // Set, so that none of the standard fonts is loaded.
    font: pdfFonts.regular as unknown as string,
    info: { Title: loa.title, CreationDate: signedAt, ModDate: signedAt },
  });
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.once('end', resolve);
    doc.once('error', reject);
  });
  doc.registerFont('regular', pdfFonts.regular).registerFont('bold', pdfFonts.bold);

  write(doc, loa, [
    ['Signed by', signature.name],
    ['Signed at', signedAt.toISOString()],
    ['By', methods[signature.method]],
    ['IP address', signature.ip],
    ['Program', signature.userAgent],
    ['Proof kept at', signature.reference],
    ['SHA-256 of the text', signedTextSha256],
  ]);
  doc.file(Buffer.from(text), { name: 'signed-text.txt', creationDate: signedAt, modifiedDate: signedAt });
  doc.end();
  await ended;
  return { pdf: Buffer.concat(chunks), signedTextSha256 };
}

function write(
  doc: PDFKit.PDFDocument,
  loa: Loa,
  evidence: readonly (readonly [label: string, value: string | undefined])[],
): void {
  doc.font('bold').fontSize(size.title).fillColor(ink.text).text(loa.title);
  doc.font('regular').fontSize(size.small).fillColor(ink.label).text(`Reference: ${loa.reference}`);
  for (const part of loa.parts) {
    heading(doc, part.heading);
    if ('rows' in part) for (const [label, value] of part.rows) row(doc, label, value);
    else if ('numbers' in part) numberRows(doc, part.numbers);
    else for (const paragraph of part.paragraphs) doc.text(paragraph, { paragraphGap: 4, lineGap: 1 });
  }
  heading(doc, 'Evidence of the signature');
  for (const [label, value] of evidence) if (value) row(doc, label, value);
  doc.fontSize(size.small).fillColor(ink.label).moveDown(0.6);
  doc.text('The text is everything from the title to the signature, as in the attached file signed-text.txt.');
  numberPages(doc, loa.reference);
}

function heading(doc: PDFKit.PDFDocument, text: string): void {
  // With it come two lines at least.
  room(doc, 60);
  doc.moveDown(0.9);
  doc.font('bold').fontSize(size.heading).fillColor(ink.text).text(text, margin, doc.y);
  const y = doc.y + 1;
  doc
    .moveTo(margin, y)
    .lineTo(doc.page.width - margin, y)
    .lineWidth(0.5)
    .strokeColor(ink.line)
    .stroke();
  doc.y = y + 5;
  doc.font('regular').fontSize(size.body).fillColor(ink.text);
}

function row(doc: PDFKit.PDFDocument, label: string, value: string): void {
  const width = doc.page.width - 2 * margin - labelWidth;
  room(doc, doc.heightOfString(value, { width }));
  const y = doc.y;
  doc.fillColor(ink.label).text(label, margin, y, { width: labelWidth });
  doc.fillColor(ink.text).text(value, margin + labelWidth, y, { width });
  doc.x = margin;
}

function numberRows(doc: PDFKit.PDFDocument, numbers: readonly string[]): void {
  const width = (doc.page.width - 2 * margin) / numbersPerRow;
  for (let first = 0; first < numbers.length; first += numbersPerRow) {
    room(doc, doc.currentLineHeight(true));
    const y = doc.y;
    numbers.slice(first, first + numbersPerRow).forEach((number, column) => {
      doc.text(number, margin + column * width, y, { width, lineBreak: false });
    });
    doc.x = margin;
    doc.y = y + doc.currentLineHeight(true) + 1;
  }
}

/** Goes on on a new page unless so many points are left on this one. */
function room(doc: PDFKit.PDFDocument, height: number): void {
  if (doc.y + height > doc.page.height - margin) doc.addPage();
}

function numberPages(doc: PDFKit.PDFDocument, reference: string): void {
  const { start, count } = doc.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    doc.switchToPage(page);
    // Below the margin, where text would begin a new page.
    doc.page.margins.bottom = 0;
    doc.font('regular').fontSize(size.small).fillColor(ink.label);
    doc.text(`${reference} · page ${page + 1} of ${count}`, margin, doc.page.height - margin + 14, {
      width: doc.page.width - 2 * margin,
      align: 'right',
      lineBreak: false,
    });
  }
}
