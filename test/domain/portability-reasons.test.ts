import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import facts from '../../domain/facts/portability-reasons.json' with { type: 'json' };
import { explainReason } from '../../domain/portability-reasons.ts';

const row = z
  .strictObject({
    adapter: z.enum(['telnyx', 'bandwidth', 'twilio']).optional(),
    codes: z.array(z.string().regex(/^[A-Z0-9_]+$/)).optional(),
    words: z.array(z.string().regex(/^[a-z0-9 ]+$/)).optional(),
    code: z.string(),
    message: z.string().regex(/\.$/),
    fix: z.string().regex(/\.$/),
    source: z.string().min(3),
    verifiedAt: z.string().regex(/^2026/),
    confidence: z.enum(['R', 'K', 'U']),
  })
  .refine(({ codes, words }) => (codes === undefined) !== (words === undefined), 'Codes or words.')
  .refine(({ adapter, codes }) => (adapter === undefined) === (codes === undefined), 'Codes are of one adapter.')
  .refine(({ words, confidence }) => words === undefined || confidence === 'U', 'Words are never more than a guess.');

describe('explainReason', () => {
  it('reads tables that have their form, source and date', () => {
    for (const each of facts.rows) expect(row.parse(each)).toEqual(each);
  });

  it.each([
    ['telnyx', 'no_coverage', 'number-not-covered'],
    ['telnyx', 'No coverage', 'number-not-covered'],
    ['telnyx', 'RATE_CENTER_NOT_PORTABLE', 'number-not-covered'],
    ['telnyx', 'PHONE_NUMBER_HAS_SPECIAL_FEATURE', 'number-has-special-feature'],
    ['telnyx', 'LSR_PENDING', 'port-pending-elsewhere'],
    ['telnyx', 'ALREADY_ON_TELNYX', 'already-at-gaining-carrier'],
    ['telnyx', 'LINE_NOT_ACTIVE', 'number-disconnected'],
    ['telnyx', 'number_can_not_be_wireless', 'texts-not-hostable'],
    ['telnyx', 'NUMBER_CAN_NOT_HOSTED_WITH_A_TELNYX_SUBSCRIBER', 'texts-hosted-elsewhere'],
    ['twilio', '22130', 'number-not-covered'],
    ['twilio', '22133', 'number-by-hand-only'],
    ['twilio', '22137', 'port-pending-elsewhere'],
    ['bandwidth', '7205', 'port-pending-elsewhere'],
    ['bandwidth', 'Number has a port-out lock.', 'port-out-locked'],
    ['telnyx', 'PORT_PROTECTION', 'port-out-locked'],
    ['telnyx', 'Local freeze on account', 'number-frozen'],
    ['telnyx', 'Number disconnected', 'number-disconnected'],
    ['telnyx', 'SMS hosted by another provider', 'texts-hosted-elsewhere'],
    [undefined, 'rate center not supported', 'number-not-covered'],
  ])('%s: %s is %s', (adapter, reason, code) => {
    expect(explainReason(adapter, reason)).toMatchObject({ code });
  });

  it.each([
    ['twilio', 'NO_SUCH_REASON'],
    ['twilio', '7205'],
    ['telnyx', 'unlocked'],
    ['telnyx', ''],
    ['telnyx', undefined],
  ])('%s: does not guess at %s', (adapter, reason) => {
    expect(explainReason(adapter, reason)).toBeUndefined();
  });
});
