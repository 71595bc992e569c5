import { describe, expect, it } from 'vitest';
import { classifyCode, listedCodes, plainCode, type Vocabulary } from '../../domain/delivery-codes.ts';
import { type Ruling, rulingId, rulingsOf } from '../../domain/delivery-rulings.ts';

const ruling = (rest: Partial<Ruling> = {}): Ruling => ({
  vocabulary: 'smpp',
  code: '0x400',
  ours: 'recipient-unavailable',
  class: 'recipient-temporary',
  portRelated: false,
  fault: 'recipient',
  meaning: 'The vendor says that the handset is off.',
  ...rest,
});
const book = (...rulings: Ruling[]) => new Map(rulings.map((each) => [rulingId(each), each]));

describe('what an operator says of a code', () => {
  it('holds for a code that no table has, in whatever spelling it comes', () => {
    const rulings = rulingsOf(book(ruling()), 'smpp', 'alpha');
    for (const code of ['0x400', '0x0400', '0X00000400']) {
      expect(classifyCode('smpp', code, undefined, rulings)).toMatchObject({
        code,
        class: 'recipient-temporary',
        source: 'operator',
      });
    }
    expect(classifyCode('smpp', '0x401', undefined, rulings).class).toBe('unknown');
  });

  it('outweighs the tables: a vendor’s err: is its own', () => {
    const rulings = rulingsOf(book(ruling({ code: '1' })), 'smpp', 'alpha');
    expect(classifyCode('smpp', '001', 'UNDELIV').ours).toBe('recipient-unknown');
    expect(classifyCode('smpp', '001', 'UNDELIV', rulings).ours).toBe('recipient-unavailable');
  });

  it('of one carrier holds for that one alone, and before what is said of all', () => {
    const both = book(ruling({ code: '77', class: 'spam' }), ruling({ code: '77', carrier: 'beta', class: 'opt-out' }));
    expect(classifyCode('smpp', '77', 'UNDELIV', rulingsOf(both, 'smpp', 'alpha')).class).toBe('spam');
    expect(classifyCode('smpp', '77', 'UNDELIV', rulingsOf(both, 'smpp', 'beta')).class).toBe('opt-out');
    expect(classifyCode('telnyx', '77', undefined, rulingsOf(both, 'telnyx', 'beta')).class).toBe('unknown');
  });

  it('does not make an expired text anything else', () => {
    expect(classifyCode('smpp', '0x400', 'EXPIRED', rulingsOf(book(ruling()), 'smpp', 'alpha')).class).toBe('expired');
  });

  it('costs nothing while nothing was said', () => {
    expect(rulingsOf(new Map(), 'smpp', 'alpha')).toBeUndefined();
  });
});

describe('plainCode', () => {
  it.each<[Vocabulary, string, string]>([
    ['smpp', '0x0000000A', '0xa'],
    ['smpp', ' 0X58 ', '0x58'],
    ['smpp', '001', '1'],
    ['smpp', '000', '0'],
    ['smpp', '1/2', '1/2'],
    ['telnyx', '40001', '40001'],
    ['telnyx', 'http-429', 'http-429'],
  ])('%s %j is %s', (vocabulary, code, plain) => {
    expect(plainCode(vocabulary, code)).toBe(plain);
  });
});

describe('the catalogue', () => {
  it('lists every code once, each as it is read', () => {
    const listed = listedCodes();
    const names = listed.map(({ vocabulary, code }) => `${vocabulary}/${code}`);
    expect(names).toEqual([...new Set(names)]);
    expect(listed.length).toBeGreaterThan(250);
    for (const { vocabulary, code, ours, class: deliveryClass } of listed) {
      if (vocabulary === 'http' || vocabulary === 'receipt-state' || code.endsWith('*')) continue;
      expect(classifyCode(vocabulary, code)).toMatchObject({ ours, class: deliveryClass });
    }
  });
});
