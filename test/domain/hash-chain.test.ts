import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ChainCheck,
  type ChainHead,
  type ChainLink,
  canonical,
  genesis,
  hashOf,
  linked,
} from '../../domain/hash-chain.ts';

type Step = ChainLink & { readonly type: string; readonly detail: string; readonly at: Date };

/** What is wrong with a chain as it is read. */
function verifyChain(chain: string, records: Iterable<ChainLink>, head: ChainHead | undefined) {
  const check = new ChainCheck(chain);
  for (const record of records) check.add(record);
  return check.end(head);
}

const contents = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    key: `order/${i}`,
    type: `step-${i}`,
    detail: 'What happened.',
    at: new Date(1_800_000_000_000 + i),
  }));
const chainOf = (count: number): Step[] => linked('port_1', genesis, contents(count));
const headOf = (records: readonly Step[]) => records.at(-1) ?? genesis;
const kinds = async (records: readonly ChainLink[], head: { seq: number; hash: string } | undefined) =>
  (await verifyChain('port_1', records, head)).map(({ kind, seq }) => `${kind} ${seq}`);

describe('a chain of hashes (invariant 10)', () => {
  it('that nobody touched is whole, however it was appended', async () => {
    const whole = chainOf(5);
    expect(await kinds(whole, headOf(whole))).toEqual([]);
    const [first, second] = [contents(5).slice(0, 2), contents(5).slice(2)];
    const begun = linked('port_1', genesis, first);
    expect([...begun, ...linked('port_1', begun[1] as Step, second)]).toEqual(whole);
    expect(await kinds([], genesis)).toEqual([]);
  });

  it.each([
    ['changed', (r: Step[]) => r.map((each) => (each.seq === 3 ? { ...each, detail: 'Another.' } : each)), 'changed 3'],
    ['given a field', (r: Step[]) => r.map((each) => (each.seq === 3 ? { ...each, by: 'me' } : each)), 'changed 3'],
    ['missing', (r: Step[]) => r.filter(({ seq }) => seq !== 3), 'missing 3'],
    ['cut off', (r: Step[]) => r.slice(0, 3), 'cut-off 4'],
    ['out of order', (r: Step[]) => [r[0], r[2], r[1], ...r.slice(3)] as Step[], 'missing 2, reordered 2'],
    ['doubled', (r: Step[]) => [...r.slice(0, 3), ...r.slice(2)], 'forked 3'],
    ['of another chain', (r: Step[]) => [...r, ...linked('port_2', headOf(r), contents(1))], 'foreign 6, added 6'],
  ])('says which record is %s', async (_, tamper, expected) => {
    const whole = chainOf(5);
    expect((await kinds(tamper(whole), headOf(whole))).join(', ')).toBe(expected);
  });

  it('finds a record whose hash was made anew, by the one that follows', async () => {
    const whole = chainOf(5);
    const forged = { ...(whole[2] as Step), detail: 'Another.' };
    const records = whole.map((each) => (each.seq === 3 ? { ...forged, hash: hashOf(forged) } : each));
    expect(await kinds(records, headOf(whole))).toEqual(['unlinked 4']);
  });

  it('finds a chain that was made anew from a record on, by its end as it was noted', async () => {
    const whole = chainOf(5);
    const forged = linked('port_1', whole[1] as Step, contents(5).slice(2).reverse());
    expect(await kinds([...whole.slice(0, 2), ...forged], headOf(whole))).toEqual(['head-wrong 5']);
    expect(await kinds(whole, undefined)).toEqual(['head-missing 5']);
  });

  it('finds any one change, removal, exchange, addition or cut', async () => {
    const tampering = fc.record({
      count: fc.integer({ min: 1, max: 12 }),
      at: fc.nat(),
      with: fc.nat(),
      how: fc.constantFrom('change', 'field', 'remove', 'exchange', 'renumber', 'copy', 'forge', 'cut', 'empty'),
      rehash: fc.boolean(),
      text: fc.string(),
    });
    await fc.assert(
      fc.asyncProperty(tampering, async ({ count, at, with: other, how, rehash, text }) => {
        const whole = chainOf(count);
        const records = structuredClone(whole);
        const [i, j] = [at % count, other % count];
        const chosen = records[i] as Step;
        const again = (record: Step): Step => (rehash ? { ...record, hash: hashOf(record) } : record);
        if (how === 'change') records[i] = again({ ...chosen, detail: `${text}!` });
        if (how === 'field') records[i] = again({ ...chosen, [`x${text}`]: null } as Step);
        if (how === 'remove') records.splice(i, 1);
        if (how === 'exchange') [records[i], records[j]] = [records[j] as Step, chosen];
        if (how === 'renumber') {
          const target = records[j] as Step;
          [records[i], records[j]] = [
            again({ ...target, seq: chosen.seq, previousHash: chosen.previousHash }),
            again({ ...chosen, seq: target.seq, previousHash: target.previousHash }),
          ];
        }
        if (how === 'copy') records.splice(j, 0, structuredClone(chosen));
        if (how === 'forge') records.splice(i + 1, 0, linked('port_1', chosen, contents(1))[0] as Step);
        if (how === 'cut') records.length = i;
        if (how === 'empty') records.length = 0;
        const untouched = canonical(records) === canonical(whole);
        const faults = await kinds(records, headOf(whole));
        expect(faults.length > 0).toBe(!untouched);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the canonical form', () => {
  it('does not depend on the order of fields, nor on fields that are not there', () => {
    expect(canonical({ b: 1, a: [true, null, 'x'], c: undefined })).toBe(canonical({ a: [true, null, 'x'], b: 1 }));
  });

  it('is another one for another value, also of another type', () => {
    const values = [
      null,
      0,
      '0',
      false,
      Number.NaN,
      'NaN',
      0n,
      new Date(0),
      '1970-01-01T00:00:00.000Z',
      'date(0)',
      Buffer.from('0'),
      'bytes(MA==)',
      [],
      {},
      [[]],
      { a: 1 },
      { a: '1' },
      ['a', 1],
      { 'a":1,"b': 2 },
      { a: 1, b: 2 },
    ];
    expect(new Set(values.map(canonical)).size).toBe(values.length);
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        fc.pre(!Object.is(a, b));
        const same = JSON.stringify(a) === JSON.stringify(b);
        if (same) expect(canonical(a)).toBe(canonical(b));
        expect(canonical(JSON.parse(JSON.stringify(a)))).toBe(canonical(a));
      }),
    );
  });

  it('has none for what no database stores', () => {
    expect(() => canonical({ a: () => 1 })).toThrow('A function has no canonical form');
  });
});
