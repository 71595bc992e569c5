import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble, type TextPart } from '../../domain/reassembly.ts';

/** `A1x` is part 1 with the text x, by carrier A; `=t1` says that it went into text t1. */
const parts = (names: string, total = 2): TextPart[] =>
  names
    .split(' ')
    .filter(Boolean)
    .map((name, i) => {
      const [body = '', textId] = name.split('=');
      return {
        partId: `p${i}`,
        carrier: body.charAt(0),
        sequence: Number(body.charAt(1)),
        total,
        text: body.slice(2),
        ...(textId === undefined ? {} : { textId }),
      };
    });
const shape = (list: TextPart[]) =>
  assemble(list)
    .map(({ text, missing, copies }) => `${text}-${missing.join('')}-${copies.map((copy) => copy.text).join('')}`)
    .join(' ');

describe('assemble', () => {
  it.each([
    ['nothing', '', ''],
    ['one carrier, in order', 'A1x A2y', 'xy--'],
    ['out of order', 'A2y A1x', 'xy--'],
    ['one part of two', 'A2y', 'y-1-'],
    ['split over both carriers', 'A1x B2y', 'xy--'],
    ['both bring all', 'A1x B1x A2y B2y', 'xy--xy'],
    ['both bring all, one after the other', 'A1x A2y B2y B1x', 'xy--yx'],
    ['one part twice', 'A1x B1x A2y', 'xy--x'],
    ['three carriers', 'A1x B1x C1x A2y', 'xy--xx'],
    ['the same reference again', 'A1x A2y A1u A2v', 'xy-- uv--'],
    ['again, after a part was lost', 'A1x A1u A2v', 'x-2- uv--'],
    ['the same text again from one carrier', 'A1x A2y A1x A2y', 'xy-- xy--'],
    ['copies of the first of two', 'A1x A2y A1u A2v B1x B2y', 'xy--xy uv--'],
    ['equal words in both parts', 'A1x A2x B1x B2x', 'xx--xx'],
  ])('%s: %s', (_, names, expected) => {
    expect(shape(parts(names))).toBe(expected);
  });

  it('a released text takes copies', () => {
    const [released, ...others] = assemble(parts('A1x=t1 A2y=t1 B2y'));
    expect(others).toEqual([]);
    expect(released).toMatchObject({ textId: 't1', text: 'xy', missing: [] });
    expect(released?.copies.map((copy) => copy.partId)).toEqual(['p2']);
  });

  it('a text that was released with a part missing takes no more: what comes late is a text of its own', () => {
    expect(assemble(parts('A1x=t1 A2y'))).toMatchObject([
      { textId: 't1', text: 'x', missing: [2] },
      { text: 'y', missing: [1] },
    ]);
  });

  it('keeps what was released as it was, also its copies', () => {
    expect(assemble(parts('A1x=t1 B1x=t1 A2y=t1 A1u A2v'))).toMatchObject([
      { textId: 't1', text: 'xy', copies: [{ partId: 'p1' }] },
      { text: 'uv', missing: [] },
    ]);
  });

  it.each([
    [0, 2],
    [3, 2],
    [1, 0],
  ])('part %i of %i is a text of its own', (sequence, total) => {
    const part: TextPart = { partId: 'p', carrier: 'A', sequence, total, text: 'hello' };
    expect(assemble([part])).toMatchObject([{ text: 'hello', missing: [] }]);
  });

  const delivery = fc.array(fc.constantFrom('A', 'B', 'AB'), { minLength: 1, maxLength: 6 }).chain((by) => {
    const all = by.flatMap((who, i) =>
      [...who].map((carrier) => ({
        partId: `${carrier}${i + 1}`,
        carrier,
        sequence: i + 1,
        total: by.length,
        text: `part ${i % 2} `,
      })),
    );
    const whole = by.map((_, i) => `part ${i % 2} `).join('');
    return fc.tuple(fc.constant(whole), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }));
  });

  it('makes one text of a text, whoever brings which part in whatever order', () => {
    fc.assert(
      fc.property(delivery, ([whole, arrived]) => {
        expect(assemble(arrived)).toMatchObject([{ text: whole, missing: [] }]);
      }),
    );
  });

  it('releases it once when asked after every part', () => {
    fc.assert(
      fc.property(delivery, ([whole, arrived]) => {
        const released: string[] = [];
        const kept: TextPart[] = [];
        for (const part of arrived) {
          kept.push(part);
          for (const { textId, parts: found, copies, missing, text } of assemble(kept)) {
            if (missing.length > 0) continue;
            if (textId === undefined) released.push(text);
            for (const used of [...found, ...copies]) {
              const index = kept.findIndex((each) => each.partId === used.partId);
              kept[index] = { ...used, textId: textId ?? `text ${released.length}` };
            }
          }
        }
        expect(released).toEqual([whole]);
      }),
    );
  });

  it('loses no part and uses none twice, whatever arrives', () => {
    const anyPart = fc.record({
      carrier: fc.constantFrom('A', 'B'),
      sequence: fc.integer({ min: 0, max: 4 }),
      text: fc.constantFrom('x', 'y'),
      textId: fc.constantFrom(undefined, undefined, 't1', 't2'),
    });
    fc.assert(
      fc.property(fc.array(anyPart, { maxLength: 20 }), (arrived) => {
        const list = arrived.map(({ textId, ...part }, i) => ({
          ...part,
          partId: `p${i}`,
          total: 3,
          ...(textId === undefined ? {} : { textId }),
        }));
        const used = assemble(list).flatMap((assembly) => [...assembly.parts, ...assembly.copies]);
        expect(used.map((part) => part.partId).sort()).toEqual(list.map((part) => part.partId).sort());
      }),
    );
  });
});
