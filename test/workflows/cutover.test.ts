import type { WorkflowHandle } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CutoverState, MessagingPlan } from '../../domain/lifecycle/cutover.ts';
import {
  cutoverEndedSignal,
  cutoverNewsSignal,
  cutoverRescheduledSignal,
  cutoverReturnedSignal,
  cutoverStateQuery,
  type PortInput,
} from '../../workflows/contract.ts';
import { day, hour, minute, PortAtCarrier, second } from './port-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
let port: PortAtCarrier;
beforeEach(async () => {
  engine = await startTimeSkipping();
  newPort();
});
afterEach(() => engine.close());

/** A port that waits for a supplement all the while, so that its cutovers can report to it. */
function newPort(input: Partial<PortInput> = {}): void {
  port = new PortAtCarrier(engine, { numberKeys: ['num_0123456789abcdef'], ...input });
  port.problems = [{ code: 'field-missing', message: 'The PIN is missing.' }];
}

const unproven = { databaseNamesGaining: false, outboundProven: false, inboundProven: false };
const working = (act: () => Promise<void>) =>
  engine.withActivities(port.activities(), async () => {
    await port.start();
    await port.reaches('action-required');
    await act();
  });
const stateOf = (handle: WorkflowHandle): Promise<CutoverState> => handle.query(cutoverStateQuery);
const assessedAt = () => port.calls.filter(({ name }) => name === 'assess').map(({ at }) => at);

describe('a number that has moved and is asked back', () => {
  it('goes back whatever is proven, and its texts do not wait for it', async () => {
    const proven = { databaseNamesGaining: true, outboundProven: true, inboundProven: true };
    await working(async () => {
      port.findings = proven;
      const { outcome: _ported, ...moved } = await (await port.startCutover(-minute)).result();
      const [assessed, begun] = [port.count('assess'), port.count('beginUncertainty')];
      const back = await port.startCutover(-minute, { state: moved, returned: 'snap-back' });
      expect(await back.result()).toMatchObject({ outcome: 'returned', messaging: 'losing' });
      expect([port.count('assess'), port.count('beginUncertainty')]).toEqual([assessed, begun]);
    });
  });
});

describe('the margin', () => {
  it('begins so long before the agreed date; until then nothing is done', async () => {
    await working(async () => {
      const handle = await port.startCutover(20 * day);
      await engine.env.sleep(20 * day - 16 * minute);
      expect(port.calls.map(({ name }) => name)).toEqual(['checkPort']);
      expect(await stateOf(handle)).toMatchObject({ messaging: 'losing', voice: 'pending' });
      await engine.env.sleep(2 * minute);
      expect(await stateOf(handle)).toMatchObject({ messaging: 'uncertain' });
      expect(port.stepsOf('number.')).toEqual(['number.uncertain']);
    });
  });

  it('in it the database has nothing new to say; from the date on it is asked', async () => {
    await working(async () => {
      await port.startCutover(hour);
      await engine.env.sleep(hour - second);
      expect(port.count('beginUncertainty')).toBe(1);
      expect(port.count('assess')).toBe(0);
      await engine.env.sleep(10 * second);
      expect(port.count('assess')).toBeGreaterThanOrEqual(1);
    });
  });

  it('has long begun for a date in the past', async () => {
    await working(async () => {
      const handle = await port.startCutover(-hour);
      await expect.poll(async () => (await stateOf(handle)).messaging).toBe('uncertain');
    });
  });
});

describe('the proof', () => {
  it.each<[MessagingPlan, Partial<typeof unproven>, boolean]>([
    ['move', { databaseNamesGaining: true }, false],
    ['move', { outboundProven: true, inboundProven: true }, false],
    ['move', { databaseNamesGaining: true, inboundProven: true }, false],
    ['move', { databaseNamesGaining: true, outboundProven: true }, true],
    ['messaging-only', { databaseNamesGaining: true, outboundProven: true }, false],
    ['messaging-only', { outboundProven: true, inboundProven: true }, true],
    ['stay', { outboundProven: true, inboundProven: true }, false],
    ['stay', { databaseNamesGaining: true }, true],
  ])('of «%s» by %j: %s', async (messagingPlan, findings, proven) => {
    newPort({ messagingPlan });
    port.findings = { ...unproven, ...findings };
    await working(async () => {
      const handle = await port.startCutover(hour);
      await engine.env.sleep(hour + 30 * minute);
      const state = await stateOf(handle);
      expect(state.outcome).toBe(proven ? 'ported' : undefined);
      expect(port.count('settleNumber')).toBe(proven ? 1 : 0);
      // What stays at the losing carrier has nothing to wait for.
      expect(port.count('beginUncertainty')).toBe(messagingPlan === 'stay' ? 0 : 1);
      if (proven) expect(state.messaging).toBe(messagingPlan === 'stay' ? 'losing' : 'gaining');
    });
  });

  it('is looked for at once when there is news, and the port hears of it', async () => {
    await working(async () => {
      const handle = await port.startCutover(hour);
      await engine.env.sleep(hour + 30 * minute);
      port.findings = { databaseNamesGaining: true, outboundProven: true, inboundProven: true };
      const told = await engine.env.currentTimeMs();
      await handle.signal(cutoverNewsSignal, {});
      const state = (await handle.result()) as CutoverState;
      expect((assessedAt().at(-1) ?? 0) - told).toBeLessThan(5 * second);
      expect(state.uncertainMs).toBeGreaterThan(44 * minute);
      const { events } = await port.handle.fetchHistory();
      const signals = events?.flatMap((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? []);
      expect(signals).toContain(cutoverEndedSignal.name);
      expect(port.stepsOf('number.')).toEqual([
        'number.uncertain',
        'number.inbound-proof',
        'number.voice-active',
        'number.database-proof',
        'number.gaining',
        'number.outbound-proof',
        'number.ported',
      ]);
    });
  });

  it('is looked for more and more rarely: every 10 minutes in the end', async () => {
    await working(async () => {
      await port.startCutover(hour);
      await engine.env.sleep(hour + 3 * day);
      const looks = assessedAt();
      expect(looks.length).toBeGreaterThan(400);
      expect(looks.length).toBeLessThan(500);
      const pauses = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
      expect(Math.max(...pauses)).toBeLessThan(10 * minute + 10 * second);
      expect(Math.min(...pauses)).toBeGreaterThan(second);
      // Every one is longer than the one before, until they are longest.
      const growing = pauses.slice(0, 10);
      expect(growing).toEqual([...growing].sort((a, b) => a - b));
    });
  });
});

describe('the deadline', () => {
  it('has a person asked once, and goes on: hourly, until there is proof', async () => {
    await working(async () => {
      const handle = await port.startCutover(hour, { proofDeadlineMs: 6 * hour });
      await engine.env.sleep(8 * hour);
      expect(port.stepsOf('number.proof-overdue')).toHaveLength(1);
      const { escalatedAt, messaging } = await stateOf(handle);
      expect(messaging).toBe('uncertain');
      const looks = port.count('assess');
      await engine.env.sleep(2 * day);
      expect(port.count('assess') - looks).toBeLessThanOrEqual(50);
      expect(port.stepsOf('number.proof-overdue')).toHaveLength(1);
      port.findings = { ...unproven, databaseNamesGaining: true, outboundProven: true };
      const state = (await handle.result()) as CutoverState;
      expect(state).toMatchObject({ outcome: 'ported', escalatedAt });
    });
  });

  it('moves with the date', async () => {
    await working(async () => {
      const handle = await port.startCutover(hour, { proofDeadlineMs: 6 * hour });
      const now = await engine.env.currentTimeMs();
      const at = (ms: number) => new Date(now + ms).toISOString();
      await handle.signal(cutoverRescheduledSignal, { focAt: at(5 * hour), uncertainFrom: at(4 * hour) });
      await engine.env.sleep(3 * hour);
      expect(port.count('beginUncertainty')).toBe(0);
      await engine.env.sleep(2 * hour - minute);
      expect(port.count('beginUncertainty')).toBe(1);
      await engine.env.sleep(5 * hour);
      expect(port.stepsOf('number.proof-overdue')).toHaveLength(0);
      await engine.env.sleep(2 * hour);
      expect(port.stepsOf('number.proof-overdue')).toHaveLength(1);
    });
  });
});

describe('a move that is undone', () => {
  it('before the margin has never let a text wait', async () => {
    await working(async () => {
      const handle = await port.startCutover(10 * day);
      await engine.env.sleep(day);
      await handle.signal(cutoverReturnedSignal, { reason: 'cancelled' });
      expect(await handle.result()).toMatchObject({ outcome: 'returned', messaging: 'losing', uncertainMs: 0 });
      expect(port.calls.map(({ name }) => name)).toEqual(['checkPort', 'settleNumber']);
    });
  });

  it('after it gives the texts back to the losing carrier', async () => {
    await working(async () => {
      const handle = await port.startCutover(hour);
      await engine.env.sleep(2 * hour);
      await handle.signal(cutoverReturnedSignal, { reason: 'failed' });
      const state = (await handle.result()) as CutoverState;
      expect(state).toMatchObject({ outcome: 'returned', messaging: 'losing' });
      expect(state.uncertainMs).toBeGreaterThan(hour);
      expect(port.stepsOf('number.').slice(-2)).toEqual(['number.losing', 'number.returned']);
    });
  });
});

it('goes on as a new run before its history grows too long, and remembers what it knew', async () => {
  await working(async () => {
    const handle = await port.startCutover(hour, { proofDeadlineMs: day });
    const { runId } = await handle.describe();
    // News that prove nothing keep it awake.
    port.findings = { ...unproven, outboundProven: true };
    await engine.env.sleep(hour + 5 * day);
    const current = port.cutover();
    await expect
      .poll(
        async () => {
          for (let i = 0; i < 100; i++) await current.signal(cutoverNewsSignal, {});
          await engine.env.sleep(second);
          return (await current.describe()).runId !== runId;
        },
        { timeout: 40_000 },
      )
      .toBe(true);
    await engine.env.sleep(day);
    expect(await stateOf(current)).toMatchObject({ messaging: 'uncertain', outboundProven: true });
    port.findings = { ...unproven, databaseNamesGaining: true };
    const state = (await current.result()) as CutoverState;
    expect(state.uncertainMs).toBeGreaterThan(6 * day);
    expect(port.stepsOf('number.proof-overdue')).toHaveLength(1);
    // One chain, without a gap or a fork (invariant 10).
    expect(new Set(port.written.map(({ chain }) => chain)).size).toBe(1);
    let next = 0;
    for (const { firstStep, types } of port.written) {
      expect(firstStep).toBe(next);
      next += types.length;
    }
  });
});

it('goes on as a new run also when each look is overtaken by news', async () => {
  let told = 0;
  const activities = port.activities();
  const assess: typeof activities.assess = async (input) => {
    await port.cutover().signal(cutoverNewsSignal, {});
    told += 1;
    return activities.assess(input);
  };
  await engine.withActivities({ ...activities, assess }, async () => {
    const handle = await port.startCutover(-hour, { proofDeadlineMs: 30 * day });
    const { runId } = await handle.describe();
    const first = engine.env.client.workflow.getHandle(handle.workflowId, runId);
    await expect
      .poll(async () => (await first.describe()).status.name === 'CONTINUED_AS_NEW' || told > 1000, { timeout: 30_000 })
      .toBe(true);
    expect((await first.describe()).status.name).toBe('CONTINUED_AS_NEW');
    port.findings = { ...unproven, databaseNamesGaining: true, outboundProven: true };
    await port.cutover().result();
  });
});

it('ends although its port is there no more', async () => {
  port.findings = { ...unproven, databaseNamesGaining: true, outboundProven: true };
  await engine.withActivities(port.activities(), async () => {
    const handle = await port.startCutover(-hour);
    expect(await handle.result()).toMatchObject({ outcome: 'ported' });
  });
});

describe('what a cutover costs', () => {
  it('that goes through smoothly: under 45 events of its own', async () => {
    await working(async () => {
      const handle = await port.startCutover(20 * day);
      await engine.env.sleep(20 * day);
      port.findings = { ...unproven, databaseNamesGaining: true };
      await handle.signal(cutoverNewsSignal, { voice: 'active' });
      await expect.poll(() => port.stepsOf('number.database-proof')).toHaveLength(1);
      port.findings = { databaseNamesGaining: true, outboundProven: true, inboundProven: true };
      await handle.signal(cutoverNewsSignal, {});
      expect(await handle.result()).toMatchObject({ outcome: 'ported' });
      expect((await handle.fetchHistory()).events?.length).toBeLessThan(45);
    });
  });
});

describe('a look for proof', () => {
  it('follows when the next probe is due, and is not made for what is known', async () => {
    await working(async () => {
      port.findings = { ...unproven, databaseNamesGaining: true, nextProbeMs: minute };
      const handle = await port.startCutover(-minute);
      await engine.env.sleep(10 * second);
      expect(port.stepsOf('number.database-proof')).toHaveLength(1);
      const looks = assessedAt().length;
      // Voice is active already: the database has said so.
      await handle.signal(cutoverNewsSignal, { voice: 'active' });
      await engine.env.sleep(40 * second);
      expect(assessedAt()).toHaveLength(looks);
      await engine.env.sleep(20 * second);
      expect(assessedAt()).toHaveLength(looks + 1);
      await handle.signal(cutoverNewsSignal, { voice: 'active', textsMoved: true });
      await expect.poll(() => assessedAt()).toHaveLength(looks + 2);
      await handle.terminate();
    });
  });
});

describe('the terms of the proof', () => {
  it('come from outside: with a probe a text in is required, and the campaign is waited for', async () => {
    await working(async () => {
      const terms = { databaseProves: true, probed: true, campaign: 'waiting' } as const;
      port.findings = { databaseNamesGaining: true, outboundProven: true, inboundProven: false, terms };
      const handle = await port.startCutover(-minute);
      await engine.env.sleep(10 * second);
      expect(port.stepsOf('number.campaign-waiting')).toHaveLength(1);
      expect(await stateOf(handle)).toMatchObject({
        messaging: 'uncertain',
        outboundProven: true,
        campaign: 'waiting',
      });
      const inboundByNetwork = { alpha: new Date().toISOString() };
      port.findings = { ...port.findings, inboundProven: true, inboundByNetwork, campaign: 'attached' };
      await handle.signal(cutoverNewsSignal, {});
      expect(await handle.result()).toMatchObject({ outcome: 'ported', campaign: 'attached', inboundByNetwork });
      expect(port.stepsOf('number.campaign-')).toEqual(['number.campaign-waiting', 'number.campaign-attached']);
    });
  });

  it('where the database proves nothing, are the carrier’s word on voice and a text', async () => {
    await working(async () => {
      const terms = { databaseProves: false, probed: false, campaign: 'not-needed' } as const;
      port.findings = { databaseNamesGaining: false, outboundProven: true, inboundProven: false, terms };
      const handle = await port.startCutover(-minute);
      await engine.env.sleep(10 * second);
      expect(port.stepsOf('number.outbound-proof')).toHaveLength(1);
      expect((await stateOf(handle)).outcome).toBeUndefined();
      await handle.signal(cutoverNewsSignal, { voice: 'active' });
      expect(await handle.result()).toMatchObject({ outcome: 'ported', databaseNamesGaining: false });
    });
  });
});
