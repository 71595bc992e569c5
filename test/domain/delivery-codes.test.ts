import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyCode, deliveryClasses, ourCodes, type Vocabulary, vocabularies } from '../../domain/delivery-codes.ts';
import classes from '../../domain/facts/delivery-classes.json' with { type: 'json' };

const folder = new URL('../../domain/facts/delivery-codes/', import.meta.url);
const tables = readdirSync(folder).map((name) => ({
  name,
  table: JSON.parse(readFileSync(new URL(name, folder), 'utf8')),
}));

describe('the tables of codes', () => {
  it('have every class once', () => {
    expect(classes.rows.map((row) => row.class).sort()).toEqual([...deliveryClasses].sort());
  });

  it.each(tables)('$name spells only what the code knows, names its source, lists no code twice', ({ table }) => {
    expect(table.source).toMatch(/^https:\/\//);
    expect(table.verifiedAt).toMatch(/^2026(-\d\d-\d\d)?$/);
    const codes: string[] = [];
    for (const row of table.rows) {
      expect(deliveryClasses).toContain(row.class);
      expect(ourCodes).toContain(row.ours);
      expect(['recipient', 'sender', 'carrier', 'network', 'request']).toContain(row.fault);
      expect(['R', 'K', 'U']).toContain(row.confidence ?? table.confidence);
      expect(typeof row.portRelated).toBe('boolean');
      expect(row.meaning).toMatch(/\.$/);
      if (row.class === 'port-related') expect(row.portRelated).toBe(true);
      codes.push(...row.codes);
    }
    expect(codes).toEqual([...new Set(codes)]);
  });
});

describe('classifyCode', () => {
  it.each<[Vocabulary, string, string]>([
    ['smpp', '0x58', 'throttled'],
    ['telnyx', '40011', 'throttled'],
    ['telnyx', 'http-429', 'throttled'],
    ['smpp', '0x14', 'system'],
    ['smpp', '0x08', 'system'],
    ['twilio', '30001', 'system'],
    ['bandwidth', '5600', 'system'],
    ['bandwidth', '5231', 'system'],
    ['twilio', '30003', 'recipient-temporary'],
    ['bandwidth', '4702', 'recipient-temporary'],
    ['telnyx', '40006', 'recipient-temporary'],
    ['twilio', '30006', 'permanent'],
    ['bandwidth', '4720', 'permanent'],
    ['telnyx', '40001', 'permanent'],
    ['twilio', '21610', 'opt-out'],
    ['telnyx', '40300', 'opt-out'],
    ['bandwidth', '4775', 'opt-out'],
    ['smpp', '0x0A', 'sender-fault'],
    ['twilio', '21606', 'sender-fault'],
    ['telnyx', '40013', 'sender-fault'],
    ['telnyx', '40305', 'sender-fault'],
    ['bandwidth', '4403', 'sender-fault'],
    ['bandwidth', '4740', 'sender-fault'],
    ['twilio', '30036', 'expired'],
    ['telnyx', '40014', 'expired'],
    ['bandwidth', '4360', 'expired'],
    ['sinch', '406', 'expired'],
    ['twilio', '30007', 'spam'],
    ['twilio', '30034', 'spam'],
    ['bandwidth', '4770', 'spam'],
    ['telnyx', '40003', 'spam'],
    ['telnyx', '40002', 'unknown'],
    ['bandwidth', '5630', 'ambiguous'],
    ['bandwidth', '5999', 'ambiguous'],
    ['bandwidth', '9902', 'ambiguous'],
    ['bandwidth', '9999', 'ambiguous'],
    ['twilio', '30410', 'ambiguous'],
    ['map', '1/2', 'port-related'],
    ['sinch', '2', 'port-related'],
    ['sinch', '304', 'port-related'],
    ['sinch', '305', 'port-related'],
    ['twilio', '30024', 'port-related'],
    ['bandwidth', '4774', 'port-related'],
    ['telnyx', '40151', 'port-related'],
  ])('%s %s is %s', (vocabulary, code, expected) => {
    expect(classifyCode(vocabulary, code)).toMatchObject({ vocabulary, code, class: expected });
  });

  /** Every code that the trade knows to appear around a port. */
  it.each<[Vocabulary, string[]]>([
    ['map', ['1', '1/2', '5', '6', '9', '11', '13', '21', '27', '31', '32', '33', '34', '35', '36', '44']],
    ['sinch', ['2', '5', '10', '304', '305']],
    [
      'twilio',
      ['21606', '21610', '21614', '21659', '30003', '30005', '30006', '30007', '30008', '30024', '30032', '30034'],
    ],
    ['bandwidth', ['4403', '4404', '4405', '4406', '4420', '4421', '4476', '4701', '4702', '4720', '4721', '4730']],
    ['bandwidth', ['4740', '4750', '4773', '4774', '4791', '4792', '4793', '4795', '5106']],
    ['telnyx', ['40001', '40004', '40006', '40008', '40010', '40012', '40013', '40100', '40151', '40152', '40153']],
    ['telnyx', ['40154', '40155', '40156', '40157', '40158', '40159', '40300', '40320', '40323']],
    ['smpp', ['0x08', '0x0A', '0x0B', '0x14', '0x45', '0x58', '0x64', '0x65', '0x66', '0xFE', '0xFF']],
  ])('%s knows its codes', (vocabulary, codes) => {
    for (const code of codes) expect(classifyCode(vocabulary, code).source, code).toBeDefined();
  });

  it.each<[Vocabulary, string]>([
    ['map', '1'],
    ['map', '1/2'],
    ['map', '5'],
    ['sinch', '10'],
    ['twilio', '21659'],
    ['twilio', '30005'],
    ['bandwidth', '5106'],
    ['telnyx', '40100'],
    ['telnyx', '40155'],
  ])('%s %s asks for a look-up', (vocabulary, code) => {
    expect(classifyCode(vocabulary, code).portRelated).toBe(true);
  });

  it.each([
    ['0x58', 'carrier-throttled'],
    ['0x00000058', 'carrier-throttled'],
    ['0X0b', 'recipient-unreachable'],
    [' 0x14 ', 'carrier-unavailable'],
  ])('reads the spellings of a command_status: %j', (code, ours) => {
    expect(classifyCode('smpp', code)).toMatchObject({ code, ours, confidence: 'K' });
  });

  it('reads err: of an SMPP receipt as a MAP cause, and says that this is uncertain', () => {
    expect(classifyCode('smpp', '001', 'UNDELIV')).toMatchObject({ ours: 'recipient-unknown', confidence: 'U' });

    expect(classifyCode('smpp', '001/2', 'UNDELIV')).toMatchObject({ class: 'port-related', confidence: 'U' });
    expect(classifyCode('smpp', '000', 'REJECTD')).toMatchObject({ code: '000', class: 'permanent' });
  });

  it.each([
    ['EXPIRED', 'expired'],
    ['REJECTD', 'permanent'],
    ['UNDELIV', 'unknown'],
    ['DELETED', 'unknown'],
    ['UNKNOWN', 'ambiguous'],
  ] as const)('a receipt that says %s and no more is %s', (state, expected) => {
    const read = classifyCode('telnyx', undefined, state);
    expect(read.class).toBe(expected);
    expect(read).not.toHaveProperty('code');
  });

  it('an expired receipt is expired whatever the code says, which still asks for its look-up', () => {
    expect(classifyCode('sinch', '2', 'EXPIRED')).toMatchObject({ class: 'expired', portRelated: true, code: '2' });
    expect(classifyCode('sinch', '27', 'EXPIRED')).toMatchObject({ class: 'expired', portRelated: false });
  });

  it('a rejection without a reason is no reason to stop sending to the recipient', () => {
    expect(classifyCode('smpp', undefined, 'REJECTD').fault).not.toBe('recipient');
  });

  it('shows a code that no table has, raw', () => {
    expect(classifyCode('telnyx', '49999')).toMatchObject({
      code: '49999',
      ours: 'unknown',
      class: 'unknown',
      confidence: 'U',
    });
    expect(classifyCode('smpp', '0x400').class).toBe('unknown');
  });

  it('reads any code at all, and gives it back as it came', () => {
    fc.assert(
      fc.property(fc.constantFrom(...vocabularies), fc.string(), (vocabulary, code) => {
        const read = classifyCode(vocabulary, code);
        expect(read.code).toBe(code);
        expect(deliveryClasses).toContain(read.class);
        expect(read.action).not.toBe('');
      }),
    );
  });
});
