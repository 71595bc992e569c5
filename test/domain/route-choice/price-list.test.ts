import { describe, expect, it } from 'vitest';
import { countryOf, destinationOf } from '../../../domain/route-choice/destination.ts';
import { type PriceList, priceBook } from '../../../domain/route-choice/price-book.ts';
import { PriceListInvalid, readPriceList } from '../../../domain/route-choice/price-list-file.ts';

const day = (date: string) => new Date(`${date}T00:00:00Z`);
const from = day('2026-12-01');

function list(csv: string, rest: Partial<PriceList> = {}): PriceList {
  return { carrier: 'alpha', currency: 'USD', importedAt: from, rows: readPriceList(csv, from), ...rest };
}
const header = 'prefix,mccMnc,price,validFrom,validUntil';

describe('a price', () => {
  const book = priceBook([
    list(
      [
        header,
        '1,,0.0060,,',
        '1202,,0.0075,,',
        '12025,,0.0090,2027-01-01,2027-02-01',
        '44,,0.0300,,',
        ',234-15,0.0250,,',
        ',310,0.0050,,',
        '+4930,,0.05,,',
      ].join('\n'),
    ),
  ]);
  const priceOf = (e164: string, mccMnc?: string, at = day('2026-12-24'), carrier = 'alpha') =>
    book.priceOf(carrier, { e164, mccMnc }, at)?.micros;

  it.each([
    ['the longest prefix that holds', '+12025550199', undefined, 7500],
    ['a shorter one', '+12065550199', undefined, 6000],
    ['the network, whatever the prefix', '+447400123456', '23415', 25_000],
    ['the prefix where the network has no row', '+447400123456', '23410', 30_000],
    ['the prefix before a country of networks', '+12065550199', '310410', 6000],
    ['the plus of a prefix is no part of it', '+493012345678', undefined, 50_000],
    ['none', '+33612345678', undefined, undefined],
    ['a country of networks where no prefix fits', '+33612345678', '310410', 5000],
  ])('is by %s', (_, e164, mccMnc, expected) => {
    expect(priceOf(e164, mccMnc)).toBe(expected);
  });

  it('holds from its date to before its end', () => {
    const at = (moment: string) => priceOf('+12025550199', undefined, new Date(moment));
    expect(at('2026-12-31T23:59:59.999Z')).toBe(7500);
    expect(at('2027-01-01T00:00:00Z')).toBe(9000);
    expect(at('2027-01-31T23:59:59.999Z')).toBe(9000);
    expect(at('2027-02-01T00:00:00Z')).toBe(7500);
    expect(at('2026-11-30T23:59:59.999Z')).toBeUndefined();
  });

  it('is of the carrier that says it', () => {
    expect(priceOf('+12025550199', undefined, day('2026-12-24'), 'beta')).toBeUndefined();
    expect(priceBook([]).isEmpty).toBe(true);
  });

  it('is that of the later list for what both name, of the earlier one for what the later does not, unless it has ended', () => {
    const old = list(`${header}\n1,,0.006,,\n44,,0.03,,`);
    const newer = list('prefix,price,validFrom\n1,0.004,2027-01-01', { importedAt: day('2026-12-20') });
    const at = (lists: readonly PriceList[], e164: string, moment: string) =>
      priceBook(lists).priceOf('alpha', { e164 }, day(moment))?.micros;
    for (const lists of [
      [old, newer],
      [newer, old],
    ]) {
      expect(at(lists, '+12025550199', '2026-12-31')).toBe(6000);
      expect(at(lists, '+12025550199', '2027-01-01')).toBe(4000);
      expect(at(lists, '+447400123456', '2027-01-01')).toBe(30_000);
    }
    expect(at([{ ...old, until: day('2027-01-01') }, newer], '+447400123456', '2027-01-01')).toBeUndefined();
  });
});

describe('a price list', () => {
  it('that has mistakes is refused, with the line of each', () => {
    const wrong = [
      header,
      '1,,0.006,,',
      'x1,,0.006,,',
      '1,310410,0.006,,',
      ',,0.006,,',
      '1,,six,,',
      '1,,1,2027-02-01,2027-01-01',
    ];
    expect.assertions(2);
    try {
      readPriceList(wrong.join('\n'), from);
    } catch (error) {
      expect(error).toBeInstanceOf(PriceListInvalid);
      expect((error as PriceListInvalid).problems).toEqual([
        expect.stringMatching(/^line 3: prefix .*E\.164/),
        'line 4: has to have a prefix or an mccMnc',
        'line 5: has to have a prefix or an mccMnc',
        expect.stringMatching(/^line 6: price /),
        expect.stringMatching(/^line 7: ends before it begins/),
      ]);
    }
  });

  it.each([
    ['', /no row/],
    ['prefix,price\n', /no row/],
    ['prefix,cost\n1,2', /cost/],
    ['prefix,price\n"1,2', /no CSV/],
  ])('%j is refused', (csv, problem) => {
    expect(() => readPriceList(csv, from)).toThrow(problem);
  });
});

describe('a destination', () => {
  it('is the country, and the network where the look-up knows it', () => {
    expect(countryOf('+12025550199')).toBe('US');
    expect(countryOf('+14165550199')).toBe('CA');
    expect(countryOf('+447400123456')).toBe('GB');
    expect(countryOf('+999')).toBe('001');
    expect(destinationOf('US', undefined).network).toBe('US');
    expect(destinationOf('US', { spid: '1234' }).network).toBe('US/1234');
    expect(destinationOf('US', { spid: '1234', mccMnc: '310410' })).toEqual({
      country: 'US',
      network: 'US/310-410',
      mccMnc: '310410',
    });
  });
});
