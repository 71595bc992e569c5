import { describe, expect, it } from 'vitest';
import { quiet, weather } from '../../../simulator/world/presets.ts';
import { Recipients } from '../../../simulator/world/recipients.ts';
import { changedScenario } from '../../../simulator/world/scenario.ts';

describe('a scenario', () => {
  it('changes only what a patch names; `all` goes for every carrier, a carrier’s own before it', () => {
    const changed = changedScenario(quiet(1), {
      carriers: { all: { throttleRate: 0.5 }, beta: { throttleRate: 0.1, receipts: { neverRate: 1 } } },
      ports: { focLeadMs: 5 },
    });
    expect(changed.carriers.alpha.throttleRate).toBe(0.5);
    expect(changed.carriers.beta.throttleRate).toBe(0.1);
    expect(changed.carriers.beta.receipts).toEqual({ ...quiet(1).carriers.beta.receipts, neverRate: 1 });
    expect(changed.ports).toEqual({ ...quiet(1).ports, focLeadMs: 5 });
  });

  it.each([
    [{ carriers: { alpha: { throttleRate: 2 } } }],
    [{ carriers: { delta: { throttleRate: 0.1 } } }],
    [{ ports: { smsLagMs: [1] } }],
    [{ weather: 'fine' }],
  ])('refuses %j', (patch) => {
    expect(() => changedScenario(quiet(1), patch as never)).toThrow();
  });

  it('has modest rates of every fault in ordinary weather', () => {
    for (const carrier of Object.values(weather(1).carriers)) {
      for (const [name, rate] of Object.entries({ ...carrier, ...carrier.receipts })) {
        if (!name.endsWith('Rate')) continue;
        expect(rate, name).toBeGreaterThan(0);
        expect(rate, name).toBeLessThanOrEqual(0.05);
      }
    }
  });
});

describe('rules for recipients', () => {
  const recipients = new Recipients([
    { prefix: '+44', outcome: 'silent' },
    { prefix: '+4477', outcome: 'failed' },
    { phoneNumber: '+447700900123', outcome: 'refused' },
    { phoneNumber: '+447700900123', carrier: 'beta', outcome: 'delivered' },
  ]);

  it.each([
    ['+447700900123', 'alpha', 'refused'],
    ['+447700900123', 'beta', 'delivered'],
    ['+447700900124', 'alpha', 'failed'],
    ['+441632960000', 'alpha', 'silent'],
    ['+12125550100', 'alpha', undefined],
  ])('for %s through %s: %s', (phoneNumber, carrier, outcome) => {
    expect(recipients.ruleFor(phoneNumber, carrier)?.outcome).toBe(outcome);
  });
});
