import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Assembly } from '../../../simulator/text/assembly.ts';
import { readUserDataHeader, userDataHeader } from '../../../simulator/text/concatenation.ts';
import { decodeGsm7, encodeGsm7 } from '../../../simulator/text/gsm7.ts';
import { decodeText, encodeText } from '../../../simulator/text/segments.ts';

describe('the default alphabet (3GPP TS 23.038)', () => {
  it('has @ at 0, the dollar at 2, and the euro behind an escape', () => {
    expect(encodeGsm7('@$€')).toEqual(Buffer.from([0x00, 0x02, 0x1b, 0x65]));
    expect(decodeGsm7(Buffer.from([0x00, 0x02, 0x1b, 0x65, 0x11]))).toBe('@$€_');
  });

  it('does not know letters outside it', () => {
    expect(encodeGsm7('č')).toBeUndefined();
    expect(encodeText('č').dataCoding).toBe(8);
  });
});

describe('segments', () => {
  it.each([
    ['a'.repeat(160), 1],
    ['a'.repeat(161), 2],
    ['€'.repeat(80), 1],
    ['€'.repeat(81), 2],
    ['č'.repeat(70), 1],
    ['č'.repeat(71), 2],
  ])('cuts %j into %i', (text, count) => {
    expect(encodeText(text).segments).toHaveLength(count);
  });

  it('neither loses nor splits a character, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 }), (text) => {
        const { dataCoding, segments } = encodeText(text);
        expect(segments.map((octets) => decodeText(octets, dataCoding)).join('')).toBe(text);
        for (const octets of segments) expect(octets.length).toBeLessThanOrEqual(dataCoding === 0 ? 160 : 140);
      }),
    );
  });
});

describe('user data header (3GPP TS 23.040 §9.2.3.24)', () => {
  it('reads back what it writes', () => {
    const part = { reference: 0xa7, total: 3, sequence: 2 };
    const octets = Buffer.concat([userDataHeader(part), Buffer.from('rest')]);
    expect(readUserDataHeader(octets)).toEqual({ part, body: Buffer.from('rest') });
  });

  it('reads 16-bit references and skips other elements', () => {
    const octets = Buffer.from([11, 0x05, 4, 1, 2, 3, 4, 0x08, 4, 0x12, 0x34, 2, 1, 0x41]);
    expect(readUserDataHeader(octets).part).toEqual({ reference: 0x1234, total: 2, sequence: 1 });
  });

  it('survives a header that lies about its length', () => {
    expect(readUserDataHeader(Buffer.from([200, 0, 3, 1])).part).toBeUndefined();
  });
});

describe('putting parts together', () => {
  const parts = [1, 2, 3].map((sequence) => ({
    text: 'abc'[sequence - 1] ?? '',
    part: { reference: 9, total: 3, sequence },
  }));
  const add = (assembly: Assembly, index: number, now = 0) =>
    assembly.add(
      '+1',
      '+2',
      parts[index]?.text ?? '',
      parts[index]?.part ?? { reference: 0, total: 0, sequence: 0 },
      now,
    );

  it('takes them in any order', () => {
    const assembly = new Assembly();
    expect(add(assembly, 2)).toBeUndefined();
    expect(add(assembly, 0)).toBeUndefined();
    expect(add(assembly, 1)).toBe('abc');
    expect(assembly.strayParts).toBe(0);
  });

  it('keeps a part that came twice as a stray, which may complete a second text', () => {
    const assembly = new Assembly();
    for (const index of [0, 0, 1]) add(assembly, index);
    expect(add(assembly, 2)).toBe('abc');
    expect(assembly.strayParts).toBe(1);
    add(assembly, 1);
    expect(add(assembly, 2)).toBe('abc');
  });

  it('gives an unfinished text up after ten minutes', () => {
    const assembly = new Assembly();
    add(assembly, 0, 0);
    add(assembly, 1, 0);
    expect(add(assembly, 2, 10 * 60_000 + 1)).toBeUndefined();
  });
});
