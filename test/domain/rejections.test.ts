import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainRejection } from '../../domain/rejections.ts';

const folder = new URL('../../domain/facts/port-rejections/', import.meta.url);
const tables = readdirSync(folder).map((name) => ({
  name,
  table: JSON.parse(readFileSync(new URL(name, folder), 'utf8')),
}));

describe('the tables of rejections', () => {
  it.each(tables)('$name says for every code what to do, once', ({ table }) => {
    expect(table.source).not.toBe('');
    expect(table.verifiedAt).toMatch(/^2026/);
    const codes: string[] = [];
    for (const row of table.rows) {
      expect(['R', 'K', 'U']).toContain(row.confidence ?? table.confidence);
      expect(row.meaning).toMatch(/\.$/);
      expect(row.fix).toMatch(/\.$/);
      expect(typeof row.retryable).toBe('boolean');
      codes.push(...row.codes);
    }
    expect(codes).toEqual([...new Set(codes)]);
  });
});

describe('explainRejection', () => {
  it.each([
    ['telnyx', 'ACCOUNT_NUMBER_MISMATCH', 'subscriber.accountNumber', true],
    ['telnyx', 'PASSCODE_PIN_INVALID', 'subscriber.pin', true],
    ['telnyx', 'POSTAL_CODE_MISMATCH', 'subscriber.serviceAddress.postalCode', true],
    ['telnyx', 'MAIN_BTN_PORTING', 'newBillingNumber', true],
    ['telnyx', 'PHONE_NUMBER_NOT_PORTABLE', 'phoneNumbers', false],
    ['telnyx', 'OSP_IRRESPONSIVE', undefined, true],
    ['bandwidth', '7213', 'subscriber.pin', true],
    ['bandwidth', '7511', 'subscriber.accountNumber', true],
    ['bandwidth', '7327', undefined, false],
    ['twilio', '22172', 'phoneNumbers', true],
    ['telnyx', '8A', 'subscriber.accountNumber', true],
    ['bandwidth', '6b', 'subscriber.pin', true],
    ['telnyx', '52', 'requestedFocAt', true],
  ])('%s %s: mend %s', (adapter, code, field, retryable) => {
    const rejection = explainRejection(adapter, code);
    expect(rejection).toMatchObject({ code, retryable });
    expect(rejection.field).toBe(field);
    expect(rejection.source).toBeDefined();
  });

  it.each([
    'ACCOUNT_NUMBER_MISMATCH',
    'AUTH_PERSON_MISMATCH',
    'BTN_ATN_MISMATCH',
    'ENTITY_NAME_MISMATCH',
    'FOC_EXPIRED',
    'FOC_REJECTED',
    'LOCATION_MISMATCH',
    'LSR_PENDING',
    'MAIN_BTN_PORTING',
    'OSP_IRRESPONSIVE',
    'OTHER',
    'PASSCODE_PIN_INVALID',
    'PHONE_NUMBER_HAS_SPECIAL_FEATURE',
    'PHONE_NUMBER_MISMATCH',
    'PHONE_NUMBER_NOT_PORTABLE',
    'PORT_TYPE_INCORRECT',
    'PORTING_ORDER_SPLIT_REQUIRED',
    'POSTAL_CODE_MISMATCH',
    'RATE_CENTER_NOT_PORTABLE',
    'SV_CONFLICT',
    'SV_UNKNOWN_FAILURE',
  ])("knows Telnyx's exception %s", (code) => {
    expect(explainRejection('telnyx', code).confidence).toBe('R');
  });

  it("does not read one carrier's codes with another's table", () => {
    expect(explainRejection('telnyx', '7213').confidence).toBe('U');
  });

  it('shows what no table has, raw, and still says what to do', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 3 }), (adapter, code) => {
        const rejection = explainRejection(adapter, code);
        expect(rejection.code).toBe(code);
        expect(rejection.fix).not.toBe('');
      }),
    );
  });
});
