import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterBlocked,
  type CampaignStop,
  noStop,
  type StopRule,
  stopId,
  stopRuleOf,
} from '../../domain/campaign-stop.ts';
import { ourCodes } from '../../domain/delivery-codes.ts';
import facts from '../../domain/facts/campaign-stops.json' with { type: 'json' };

const start = Date.parse('2026-06-01T12:00:00Z');
const minutes = (count: number) => new Date(start + count * 60_000);
const rule = (ours: string): StopRule => {
  const found = stopRuleOf(ours);
  if (!found) throw new Error(`No rule for ${ours}.`);
  return found;
};
const filtered = rule('filtered');
const block = (stop: CampaignStop, id: string, at: Date, by = filtered) =>
  afterBlocked(stop, { messageId: id, at }, by) ?? stop;

describe('a campaign that carriers block', () => {
  it('is stopped by the third text within ten minutes', () => {
    const two = block(block(noStop, 'a', minutes(0)), 'b', minutes(9));
    expect(two.until).toBeUndefined();
    expect(block(two, 'c', minutes(9))).toMatchObject({ stops: 1, stoppedAt: minutes(9), until: minutes(19) });
    // The first is too long ago by then.
    expect(block(two, 'c', minutes(11)).until).toBeUndefined();
  });

  it('counts a text once, however often it is told of it (invariant 11)', () => {
    const one = block(noStop, 'a', minutes(0));
    expect(afterBlocked(one, { messageId: 'a', at: minutes(1) }, filtered)).toBeUndefined();
  });

  it('is stopped at once when its sender is not registered', () => {
    expect(block(noStop, 'a', minutes(0), rule('sender-unregistered'))).toMatchObject({ until: minutes(60) });
  });

  it('is stopped for twice as long when what goes afterwards is blocked again, up to a day', () => {
    let stop = ['a', 'b', 'c'].reduce((all, id) => block(all, id, minutes(0)), noStop);
    const lengths = Array.from({ length: 10 }, (_, round) => {
      const at = stop.until ?? minutes(0);
      stop = block(stop, `again-${round}`, at);
      return ((stop.until?.getTime() ?? 0) - at.getTime()) / 60_000;
    });
    expect(lengths).toEqual([20, 40, 80, 160, 320, 640, 1280, 1440, 1440, 1440]);
  });

  it('begins anew when it has been quiet for a day', () => {
    const stop = ['a', 'b', 'c'].reduce((all, id) => block(all, id, minutes(0)), noStop);
    const later = new Date((stop.until?.getTime() ?? 0) + facts.longestStopMs);
    expect(block(stop, 'd', later).until).toEqual(stop.until);
  });

  it('texts that were on their way when it was stopped don’t prolong it', () => {
    const stop = ['a', 'b', 'c'].reduce((all, id) => block(all, id, minutes(0)), noStop);
    expect(afterBlocked(stop, { messageId: 'd', at: minutes(5) }, filtered)).toBeUndefined();
  });

  it('is never stopped for longer than a day, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.nat(10_000))), (texts) => {
        let stop = noStop;
        for (const [id, minute] of texts) {
          stop = block(stop, id, minutes(minute));
          const length = (stop.until?.getTime() ?? 0) - (stop.stoppedAt?.getTime() ?? 0);
          expect(length).toBeLessThanOrEqual(facts.longestStopMs);
          expect(stop.blocked.length).toBeLessThanOrEqual(filtered.failures);
        }
      }),
    );
  });
});

it('what is stopped has one name, by campaign or by sender, of one kind or of all', () => {
  expect(stopId({ carrier: 'alpha', campaignId: 'C1' })).toBe('alpha/campaign/C1/all');
  expect(stopId({ carrier: 'alpha', senderKey: 'num_a', kind: 'otp' })).toBe('alpha/sender/num_a/otp');
});

it('the rules spell only codes that there are', () => {
  expect(facts.source).not.toBe('');
  expect(facts.verifiedAt).toMatch(/^2026-\d\d-\d\d$/);
  for (const row of facts.rows) {
    expect(ourCodes).toContain(row.ours);
    expect(['all', 'kind']).toContain(row.stops);
  }
});
