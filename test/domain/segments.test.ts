import fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, it } from 'vitest';
import { segmentText } from '../../domain/segments.ts';

const gsm7Character = fc.constantFrom(...'aZ09 @£$¥èÇ\n\rØÅΔ_ΦΩÆßÉ¤¡ÄÑ§¿äà\f^{}\\[~]|€');
const ucs2Character = fc.constantFrom(...'aé€{ẞЖ中ñ', '😀', '🇫🇷', '👍🏽', 'e\u0301', '❤️', '\u{20BB7}');
const anyText = fc.oneof(
  fc.string({ unit: gsm7Character, maxLength: 700 }),
  fc.string({ unit: ucs2Character, maxLength: 300 }),
  fc.string({ unit: fc.oneof({ weight: 30, arbitrary: gsm7Character }, ucs2Character), maxLength: 400 }),
);

describe('segmentText', () => {
  it.each([
    ['empty', '', 'gsm7', 1, 0],
    ['exactly one GSM-7 part', 'a'.repeat(160), 'gsm7', 1, 160],
    ['one septet more', 'a'.repeat(161), 'gsm7', 2, 161],
    ['two full parts', 'a'.repeat(306), 'gsm7', 2, 306],
    ['one beyond two full parts', 'a'.repeat(307), 'gsm7', 3, 307],
    ['the euro costs two', '€'.repeat(80), 'gsm7', 1, 160],
    ['81 euros', '€'.repeat(81), 'gsm7', 2, 162],
    ['capital Ç is GSM-7', 'Ç', 'gsm7', 1, 1],
    ['small ç is not', 'ç', 'ucs2', 1, 1],
    ['the backtick is not', '`', 'ucs2', 1, 1],
    ['exactly one UCS-2 part', 'Ж'.repeat(70), 'ucs2', 1, 70],
    ['one unit more', 'Ж'.repeat(71), 'ucs2', 2, 71],
    ['two full UCS-2 parts', 'Ж'.repeat(134), 'ucs2', 2, 134],
    ['one beyond', 'Ж'.repeat(135), 'ucs2', 3, 135],
    ['one character changes the alphabet of all', `${'a'.repeat(70)}Ж`, 'ucs2', 2, 71],
  ])('%s', (_, text, alphabet, parts, units) => {
    const result = segmentText(text);
    expect([result.alphabet, result.parts.length, result.units]).toEqual([alphabet, parts, units]);
  });

  it.each([
    ['a', 153, 152],
    ['Ж', 67, 66],
  ])('a 16-bit reference leaves less room (%s)', (character, short, long) => {
    const text = character.repeat(200);
    expect(segmentText(text).parts[0]).toHaveLength(short);
    expect(segmentText(text, { reference: 16 }).parts[0]).toHaveLength(long);
  });

  it('moves an extension character whole to the next part', () => {
    const { parts } = segmentText(`${'a'.repeat(152)}€${'a'.repeat(10)}`);
    expect(parts).toEqual(['a'.repeat(152), `€${'a'.repeat(10)}`]);
  });

  it.each([
    ['a surrogate pair', '😀'],
    ['a letter and its combining accent', 'ж\u0301'],
    ['an emoji joined by ZWJ', '👩‍👩‍👧'],
    ['a flag', '🇫🇷'],
  ])('moves %s whole to the next part', (_, whole) => {
    const { parts } = segmentText(`${'ж'.repeat(66)}${whole}${'ж'.repeat(10)}`);
    expect(parts).toEqual(['ж'.repeat(66), `${whole}${'ж'.repeat(10)}`]);
  });

  it('cuts a character that is longer than a part, at code points', () => {
    const text = `a${'\u0301'.repeat(200)}😀`;
    const { parts } = segmentText(text);
    expect(parts.join('')).toBe(text);
    expect(Math.max(...parts.map((part) => part.length))).toBe(67);
  });

  it('is the text again when joined, within the room of each part, no pair torn', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(8 as const, 16 as const), (text, reference) => {
        const { alphabet, parts, units } = segmentText(text, { reference });
        expect(parts.join('')).toBe(text);
        const sizes = parts.map((part) => segmentText(part).units);
        if (alphabet === 'ucs2') {
          for (const part of parts) expect(part).not.toMatch(/\p{Surrogate}/u);
          expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(
            parts.length === 1 ? 70 : reference === 8 ? 67 : 66,
          );
        } else {
          expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(units);
          expect(Math.max(...sizes)).toBeLessThanOrEqual(parts.length === 1 ? 160 : reference === 8 ? 153 : 152);
        }
      }),
    );
  });

  it('agrees with the reference calculator on alphabet and number of parts', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const reference = new SegmentedMessage(text);
        const ours = segmentText(text);
        expect([ours.alphabet, ours.parts.length]).toEqual([
          reference.encodingName === 'GSM-7' ? 'gsm7' : 'ucs2',
          reference.segmentsCount,
        ]);
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with the reference calculator on the alphabet of every character of the basic plane', () => {
    const disagreed: string[] = [];
    for (let code = 0; code <= 0xffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const character = String.fromCharCode(code);
      const reference = new SegmentedMessage(character).encodingName === 'GSM-7' ? 'gsm7' : 'ucs2';
      if (segmentText(character).alphabet !== reference) disagreed.push(code.toString(16));
    }
    expect(disagreed).toEqual([]);
  });
});
