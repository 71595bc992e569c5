import { inflateSync } from 'node:zlib';

/** What a reader sees on the pages of a PDF that this product made, without blanks that come from positions; and its attachment. */
export function pdfText(pdf: Buffer): { readonly pages: string; readonly attachment: string } {
  const objects = objectsOf(pdf);
  const fonts = new Map<string, Map<string, string>>();
  // Fonts are named in the resources, and tell their letters in the map that they point to.
  for (const { dictionary } of objects.values()) {
    for (const [, name = '', id = ''] of dictionary.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const map = objects.get(id)?.dictionary.match(/\/ToUnicode (\d+) 0 R/)?.[1];
      if (map) fonts.set(name, lettersOf(objects.get(map)?.stream ?? ''));
    }
  }
  let pages = '';
  for (const { stream } of objects.values()) {
    let font: Map<string, string> | undefined;
    for (const [, name, shown] of stream.matchAll(/\/(F\d+) [\d.]+ Tf|\[((?:<[0-9a-f]+>|[-\d.\s])*)\] TJ/g)) {
      if (name) font = fonts.get(name);
      else
        pages += `${[...(shown ?? '').matchAll(/<([0-9a-f]+)>/g)].map(([, hex = '']) => read(hex, font)).join('')}\n`;
    }
  }
  const attached = [...objects.values()].find(({ dictionary }) => dictionary.includes('/EmbeddedFile'))?.stream ?? '';
  return { pages, attachment: Buffer.from(attached, 'latin1').toString('utf8') };
}

interface PdfObject {
  readonly dictionary: string;
  readonly stream: string;
}

function objectsOf(pdf: Buffer): Map<string, PdfObject> {
  const found = pdf.toString('latin1').matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g);
  return new Map(
    [...found].map(([, id = '', body = '']) => {
      const [dictionary = '', content] = body.split('\nstream\n');
      if (content === undefined) return [id, { dictionary, stream: '' }];
      const bytes = Buffer.from(content.replace(/\nendstream$/, ''), 'latin1');
      const plain = dictionary.includes('/FlateDecode') ? inflateSync(bytes) : bytes;
      return [id, { dictionary, stream: plain.toString('latin1') }];
    }),
  );
}

/** Of a /ToUnicode map (ISO 32000-1 §9.10.3): ranges of glyphs with a list of what each stands for. */
function lettersOf(map: string): Map<string, string> {
  const letters = new Map<string, string>();
  for (const [, first = '', list = ''] of map.matchAll(/<([0-9a-f]{4})> <[0-9a-f]{4}> \[([^\]]*)\]/g)) {
    [...list.matchAll(/<([0-9a-f ]*)>/g)].forEach(([, hex = ''], index) => {
      const glyph = (Number.parseInt(first, 16) + index).toString(16).padStart(4, '0');
      letters.set(glyph, Buffer.from(hex.replace(/ /g, ''), 'hex').swap16().toString('utf16le'));
    });
  }
  return letters;
}

function read(hex: string, font: Map<string, string> | undefined): string {
  return (hex.match(/.{4}/g) ?? []).map((glyph) => font?.get(glyph) ?? '').join('');
}
