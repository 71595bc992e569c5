import { describe, expect, it } from 'vitest';
import type { Attempt, PartProgress } from '../../../domain/message-progress.ts';
import { outcomesOf, type ReportingCarrier } from '../../../domain/route-choice/outcome.ts';
import { routingParameters } from '../../../domain/route-choice/parameters.ts';

const claimedAt = new Date('2026-12-01T12:00:00Z');
const after = (seconds: number) => new Date(claimedAt.getTime() + seconds * 1000);
const accepted: PartProgress = { outcome: 'accepted', carrierMessageId: 'm1' };
const delivered = (seconds: number): PartProgress => ({ ...accepted, state: 'DELIVRD', stateAt: after(seconds) });

const attempt = (parts: readonly PartProgress[] | undefined, carrier = 'alpha'): Attempt => ({
  carrier,
  token: 'clm_1',
  claimedAt,
  workflowId: 'w',
  runId: 'r',
  ...(parts && { parts, answeredAt: after(1) }),
});

const carriers: Record<string, ReportingCarrier> = {
  alpha: { codes: 'smpp', receipts: 'handset' },
  doubtful: { codes: 'smpp', receipts: 'suspect' },
};
const of = (attempts: readonly Attempt[]) =>
  outcomesOf({ kind: 'otp', expiresAt: after(300), attempts }, (id) => carriers[id], routingParameters);
const only = (parts: readonly PartProgress[] | undefined, carrier?: string) => of([attempt(parts, carrier)])[0];

describe('what an attempt says of its route', () => {
  it('delivered in time is a success, with its latency', () => {
    expect(only([delivered(4), delivered(6)])).toEqual({
      carrier: 'alpha',
      evidence: { successes: 1, failures: 0 },
      latencyMs: 5000,
    });
  });

  it("is worth what the route's receipts are worth", () => {
    const { evidence } = only([delivered(4)], 'doubtful') ?? {};
    expect(evidence?.successes).toBeCloseTo(0.7);
    expect(evidence?.failures).toBeCloseTo(0.3);
  });

  it('delivered too late is a failure', () => {
    expect(only([delivered(301)])).toMatchObject({ evidence: { successes: 0, failures: 1 } });
  });

  it.each<[string, readonly PartProgress[], number]>([
    ['undelivered for no reason', [{ ...accepted, state: 'UNDELIV' }], 1],
    ['one of two parts undelivered', [delivered(3), { ...accepted, state: 'UNDELIV' }], 1],
    ['refused for a fault of the system', [{ outcome: 'rejected', code: '0x8' }], 1],
    ['expired on the way', [{ ...accepted, state: 'EXPIRED' }], 1],
    ['blamed on the recipient', [{ ...accepted, state: 'UNDELIV', code: '001' }], 0.25],
  ])('%s is a failure', (_, parts, failures) => {
    expect(only(parts)).toEqual({ carrier: 'alpha', evidence: { successes: 0, failures } });
  });

  it.each<[string, readonly PartProgress[] | undefined]>([
    ['throttled', [{ outcome: 'rejected', code: '0x58' }]],
    ['wrong sender', [{ outcome: 'rejected', code: '0xa' }]],
    ['never written', [{ outcome: 'unsent' }]],
    ['not answered yet', undefined],
  ])('%s says nothing', (_, parts) => {
    expect(only(parts)).toEqual({ carrier: 'alpha' });
  });

  it('that was never reported is censored, not a failure', () => {
    expect(only([accepted])).toEqual({ carrier: 'alpha', censored: true });
    expect(only([{ outcome: 'ambiguous' }])).toEqual({ carrier: 'alpha', censored: true });
    expect(only([delivered(3), accepted])).toEqual({ carrier: 'alpha', censored: true });
  });

  it('is of each carrier that had it, and of none that is not ours any more', () => {
    const failed: PartProgress = { ...accepted, state: 'UNDELIV' };
    const outcomes = of([attempt([failed]), attempt([failed], 'gone'), attempt([delivered(5)], 'doubtful')]);
    expect(outcomes.map(({ carrier, evidence }) => [carrier, evidence?.failures])).toEqual([
      ['alpha', 1],
      ['doubtful', expect.closeTo(0.3)],
    ]);
  });
});
