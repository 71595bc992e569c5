import { describe, expect, it } from 'vitest';
import { type Inquirable, inquiryDueAt, openParts } from '../../domain/inquiry.ts';
import type { Attempt } from '../../domain/message-progress.ts';

const start = Date.parse('2026-06-01T12:00:00Z');
const inSeconds = (seconds: number) => new Date(start + seconds * 1000);
const attempt = (rest: Partial<Attempt> = {}): Attempt => ({
  carrier: 'alpha',
  token: 'clm_1',
  claimedAt: inSeconds(1),
  answeredAt: inSeconds(2),
  workflowId: 'w',
  runId: 'r',
  parts: [{ outcome: 'accepted', carrierMessageId: 'a1' }],
  ...rest,
});
const text = (rest: Partial<Inquirable> = {}): Inquirable => ({
  status: 'submitted',
  acceptedAt: inSeconds(0),
  expiresAt: inSeconds(300),
  attempts: [attempt()],
  ...rest,
});

describe('a silent text is asked about', () => {
  it('once after a quarter of its validity, but not within a minute', () => {
    expect(inquiryDueAt(text())).toEqual(inSeconds(77));
    expect(inquiryDueAt(text({ expiresAt: inSeconds(100) }))).toEqual(inSeconds(62));
    expect(inquiryDueAt(text({ expiresAt: inSeconds(4 * 3600) }))).toEqual(inSeconds(3602));
  });

  it('and once more when its receipt could no longer come, before it ends as unknown', () => {
    const asked = (seconds: number) => text({ attempts: [attempt({ askedAt: inSeconds(seconds) })] });
    expect(inquiryDueAt(asked(77))).toEqual(inSeconds(330));
    expect(inquiryDueAt(asked(330))).toBeUndefined();
    expect(inquiryDueAt(text({ expiresAt: inSeconds(10) }))).toEqual(inSeconds(40));
  });

  it('only while it is with its carrier, and only by an id that the carrier gave (SMPP 3.4 §4.8)', () => {
    const unanswered = { claimedAt: inSeconds(1), parts: [{ outcome: 'ambiguous' }] } as const;
    expect(inquiryDueAt(text({ status: 'claimed', attempts: [attempt(unanswered)] }))).toBeUndefined();
    expect(inquiryDueAt(text({ status: 'retrying' }))).toBeUndefined();
    expect(inquiryDueAt(text({ status: 'delivered' }))).toBeUndefined();
    expect(inquiryDueAt(text({ attempts: [] }))).toBeUndefined();
  });

  it('of a long text, the parts that have said nothing final', () => {
    const parts = [
      { outcome: 'accepted', carrierMessageId: 'a1', state: 'DELIVRD' },
      { outcome: 'accepted', carrierMessageId: 'a2', state: 'ENROUTE' },
      { outcome: 'accepted', carrierMessageId: 'a3' },
      { outcome: 'ambiguous' },
    ] as const;
    expect(openParts(attempt({ parts })).map(({ carrierMessageId }) => carrierMessageId)).toEqual(['a2', 'a3']);
    const ended = attempt({ parts: parts.slice(0, 1) });
    expect(inquiryDueAt(text({ attempts: [ended] }))).toBeUndefined();
  });
});
