import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble, assemblies, type TextPart } from '../../domain/reassembly.ts';

type Part = TextPart & { readonly text: string };
const wordsOf = (part: Part) => part.text;
const at = (i: number) => new Date(Date.parse('2026-06-01T12:00:00Z') + i);

/** `A1x` is part 1 with the text x, by carrier A; `=t1` says that it went into text t1. */
const parts = (names: string, total = 2): Part[] =>
  names
    .split(' ')
    .filter(Boolean)
    .map((name, i) => {
      const [body = '', textId] = name.split('=');
      return {
        _id: `p${i}`,
        carrier: body.charAt(0),
        sequence: Number(body.charAt(1)),
        total,
        text: body.slice(2),
        receivedAt: at(i),
        ...(textId === undefined ? {} : { textId }),
      };
    });
const textOf = (list: readonly Part[]) => list.map(wordsOf).join('');
const shape = (list: Part[]) =>
  assemblies(list, wordsOf)
    .map((each) => `${textOf(each.parts)}-${each.missing.join('')}-${textOf(each.copies)}`)
    .join(' ');

describe('assemblies', () => {
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
    ['a late copy of a released text', 'A1x=t1 A2y=t1 B2y', 'xy--y'],
    ['a new text after a released one with a copy', 'A1x=t1 B1x=t1 A2y=t1 A1u A2v', 'xy--x uv--'],
    ['what was missing, after the rest was released', 'A1x=t1 A2y', 'x-2- y-1-'],
  ])('%s: %s', (_, names, expected) => {
    expect(shape(parts(names))).toBe(expected);
    expect(shape(parts(names).reverse())).toBe(expected);
  });

  it.each([
    [0, 2],
    [3, 2],
    [1, 0],
  ])('part %i of %i is a text of its own', (sequence, total) => {
    const part: Part = { _id: 'p', carrier: 'A', sequence, total, text: 'hello', receivedAt: at(0) };
    expect(assemblies([part], wordsOf)).toMatchObject([{ parts: [part], missing: [] }]);
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
          _id: `p${i}`,
          total: 3,
          receivedAt: at(i),
          ...(textId === undefined ? {} : { textId }),
        }));
        const used = assemblies(list, wordsOf).flatMap((each) => [...each.parts, ...each.copies]);
        expect(used.map((part) => part._id).sort()).toEqual(list.map((part) => part._id).sort());
      }),
    );
  });
});

describe('assemble', () => {
  it.each([
    ['A1x', { outcome: 'waiting', missing: [2] }],
    ['A1x B1x', { outcome: 'waiting', missing: [2] }],
    ['A1x A2y', { outcome: 'complete', parts: [{ text: 'x' }, { text: 'y' }], copies: [] }],
    ['A2y A1x', { outcome: 'complete', parts: [{ text: 'x' }, { text: 'y' }] }],
    ['A1x=t1 A2y=t1 B1x', { outcome: 'copy', textId: 't1' }],
    ['A1x=t1 A2y', { outcome: 'waiting', missing: [1] }],
  ])('%s', (names, expected) => {
    const list = parts(names);
    expect(assemble(list, list.at(-1)?._id ?? '', wordsOf)).toMatchObject(expected);
  });

  it('says complete to whoever looks before the text has been released, so that one who died is no loss', () => {
    const list = parts('A1x A2y B2y');
    for (const { _id } of list) {
      expect(assemble(list, _id, wordsOf)).toMatchObject({ outcome: 'complete', copies: [{ carrier: 'B' }] });
    }
  });

  it('says it again of a part that is handled again after its release', () => {
    expect(assemble(parts('A1x=t1 A2y=t1'), 'p1', wordsOf).outcome).toBe('complete');
  });

  it('refuses to judge a part that was not kept', () => {
    expect(() => assemble(parts('A1x'), 'p9', wordsOf)).toThrow(RangeError);
  });

  const delivery = fc.array(fc.constantFrom('A', 'B', 'AB'), { minLength: 1, maxLength: 6 }).chain((by) => {
    const all = by.flatMap((who, i) =>
      [...who].map((carrier) => ({ carrier, sequence: i + 1, total: by.length, text: `part ${i % 2} ` })),
    );
    const whole = by.map((_, i) => `part ${i % 2} `).join('');
    return fc.tuple(
      fc.constant(whole),
      fc
        .shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
        .map((list) => list.map((part, i): Part => ({ ...part, _id: `p${i}`, receivedAt: at(i) }))),
    );
  });

  it('releases a text once, whole, whoever brings which part in whatever order', () => {
    fc.assert(
      fc.property(delivery, ([whole, arrived]) => {
        const released = new Map<string, string>();
        const kept = new Map<string, Part>();
        const mark = (list: readonly Part[], textId: string) => {
          for (const part of list) kept.set(part._id, { ...part, textId });
        };
        for (const part of arrived) {
          kept.set(part._id, part);
          const answer = assemble([...kept.values()], part._id, wordsOf);
          if (answer.outcome === 'copy') mark([part], answer.textId);
          if (answer.outcome !== 'complete') continue;
          const textId = `text of ${answer.parts[0]?._id}`;
          released.set(textId, textOf(answer.parts));
          mark([...answer.parts, ...answer.copies], textId);
        }
        expect([...released.values()]).toEqual([whole]);
        expect([...kept.values()].every((part) => part.textId !== undefined)).toBe(true);
      }),
    );
  });
});
