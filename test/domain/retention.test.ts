import { describe, expect, test } from 'vitest';
import facts from '../../domain/facts/retention.json' with { type: 'json' };
import { consentsKeptUntil, retentionCutoff, retentionRules } from '../../domain/retention.ts';

const now = new Date('2027-03-15T12:00:00Z');
const at = (text: string) => new Date(`${text}T00:00:00Z`);

describe('how long data are kept', () => {
  test('each rule says what, what for, for how long, by which basis and whence', () => {
    for (const rule of facts.rules) {
      expect(Object.values(rule).every((value) => value !== '')).toBe(true);
      expect(
        ['days', 'months', 'years'].filter((unit) => unit in rule),
        rule.id,
      ).toHaveLength(1);
      expect(rule.source.length).toBeGreaterThan(10);
    }
    expect(facts.verifiedAt).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(new Set(retentionRules.map(({ id }) => id)).size).toBe(retentionRules.length);
  });

  test('words 30 days, records 13 months', () => {
    expect(retentionCutoff('words', now)).toEqual(new Date('2027-02-13T12:00:00Z'));
    expect(retentionCutoff('records', now)).toEqual(new Date('2026-02-15T12:00:00Z'));
  });

  test.each<[string, Parameters<typeof consentsKeptUntil>[0], Date | undefined]>([
    ['a consent that stands', [{ type: 'granted', at: at('2020-01-01') }], undefined],
    [
      'one that expired: five years after that',
      [{ type: 'granted', at: at('2020-01-01'), expiresAt: at('2020-07-01') }],
      at('2025-07-01'),
    ],
    [
      'one that was revoked: as long as the opt-out, ten years',
      [
        { type: 'granted', at: at('2020-01-01') },
        { type: 'revoked', at: at('2021-02-03') },
      ],
      at('2031-02-03'),
    ],
    [
      'one that was given again after an opt-out: it stands',
      [
        { type: 'revoked', at: at('2019-01-01') },
        { type: 'granted', at: at('2020-01-01') },
      ],
      undefined,
    ],
    ['none', [], new Date(0)],
  ])('%s', (_, events, until) => {
    expect(consentsKeptUntil(events)).toEqual(until);
  });
});
