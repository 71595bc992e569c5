import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { unpackWoff } from './woff.ts';

/** The standard fonts of PDF know Western Europe only; this one has all of Latin, Greek and Cyrillic. */
export const pdfFonts = readFonts();

function readFonts(): { readonly regular: Buffer; readonly bold: Buffer } {
  const { resolve } = createRequire(import.meta.url);
  const read = (weight: number) =>
    unpackWoff(readFileSync(resolve(`@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff`)));
  return { regular: read(400), bold: read(700) };
}
