import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventTypes } from '../../domain/event-types.ts';
import { away, PortOutAtCarrier, refuse } from './port-out-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
let portOut: PortOutAtCarrier;
beforeEach(async () => {
  engine = await startTimeSkipping();
  portOut = new PortOutAtCarrier(engine);
});
afterEach(async () => {
  await portOut.abandon();
  await engine.close();
});
const running = (act: () => Promise<void>) => engine.withActivities(portOut.activities(), act);
const ask = { decision: 'ask', fallback: { decision: 'reject', code: '1001' } } as const;

/** The type with which an update was turned down. */
async function turnedDown(update: Promise<unknown>): Promise<string | null | undefined> {
  const error = await update.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
  const { cause } = error as WorkflowUpdateFailedError;
  return cause instanceof ApplicationFailure ? cause.type : undefined;
}

describe('a request to take numbers away', () => {
  it('that proves itself is told to the owner, authorized, and followed until the numbers have left', async () => {
    await running(async () => {
      const handle = await portOut.start();
      await portOut.reaches('authorized');
      // Told before anything was checked or answered.
      expect(portOut.projections[0]).toMatchObject({
        state: { status: 'checking' },
        waiting: { until: portOut.at(24), next: `silence counts as approval at ${portOut.at(24)}` },
      });
      expect(portOut.answers).toEqual([{ answer: { decision: 'authorize' }, by: 'rules', hours: 0 }]);
      // Nobody tells that the date has come, nor that they have left an hour later.
      await engine.env.sleep('72 hours');
      await expect.poll(() => portOut.stages.at(-1)).toEqual({ stage: 'leaving', hours: 72 });
      portOut.says = { ...portOut.says, state: 'ported', carrierState: 'ported' };
      await handle.result();
      expect(portOut.stages).toEqual([
        { stage: 'dated', hours: 0 },
        { stage: 'leaving', hours: 72 },
        { stage: 'gone', hours: 73 },
      ]);
      expect(portOut.types).toEqual([
        'port-out.received',
        'port-out.checked',
        'port-out.decided-authorize',
        'port-out.authorized',
        'numbers.dated',
        'numbers.leaving',
        'port-out.ported',
        'numbers.gone',
      ]);
      expect(portOut.projections.at(-1)?.waiting).toBeUndefined();
    });
  });

  it('that is disproven is rejected, and over when the carrier accepts it', async () => {
    portOut.proposal = { decision: 'reject', code: '1002' };
    await running(async () => {
      const handle = await portOut.start();
      await portOut.reaches('rejecting');
      await portOut.news({ state: 'rejected', carrierState: 'rejected' });
      await handle.result();
      expect(portOut.answers).toEqual([{ answer: { decision: 'reject', code: '1002' }, by: 'rules', hours: 0 }]);
      expect(portOut.types).toContain('port-out.rejected');
      expect(portOut.stages).toEqual([]);
      expect(portOut.announced).toBe(0);
    });
  });

  it('that a person decides while its state is being written is answered at once', async () => {
    portOut.proposal = ask;
    const activities = portOut.activities();
    let announced = () => {};
    const writing = new Promise<void>((resolve) => {
      announced = resolve;
    });
    let goOn = () => {};
    const decided = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const projectPortOut: typeof activities.projectPortOut = async (input) => {
      if (input.steps.some(({ type }) => type === 'port-out.announced')) {
        announced();
        await decided;
      }
      await activities.projectPortOut(input);
    };
    await engine.withActivities({ ...activities, projectPortOut }, async () => {
      await portOut.start();
      await writing;
      const before = await engine.env.currentTimeMs();
      await portOut.authorize();
      goOn();
      await portOut.reaches('authorized');
      expect((await engine.env.currentTimeMs()) - before).toBeLessThan(60_000);
    });
  });

  it('that is suspicious waits for a person, visibly, and by default is rejected before silence counts', async () => {
    portOut.proposal = ask;
    await running(async () => {
      await portOut.start();
      await portOut.reaches('awaiting-decision');
      await expect
        .poll(() => portOut.projections.at(-1)?.waiting)
        .toEqual({
          what: 'a person to authorize or reject it',
          since: expect.any(String),
          until: portOut.at(22),
          next: expect.stringContaining(`silence counts as approval at ${portOut.at(24)}`),
        });
      await expect.poll(() => portOut.announced).toBe(1);
      await engine.env.sleep('21 hours');
      expect(portOut.answers).toEqual([]);
      await engine.env.sleep('2 hours');
      await expect
        .poll(() => portOut.answers)
        .toEqual([{ answer: { decision: 'reject', code: '1001' }, by: 'deadline', hours: 22 }]);
    });
  });

  it('that is suspicious is answered as a person says, once', async () => {
    portOut.proposal = ask;
    await running(async () => {
      await portOut.start();
      await portOut.reaches('awaiting-decision');
      expect(await turnedDown(portOut.reject('9999'))).toBe('rejection-not-eligible');
      expect(await portOut.reject('1002')).toMatchObject({ status: 'answering', answer: { by: 'caller' } });
      await portOut.reaches('rejecting');
      expect(await turnedDown(portOut.reject('1002'))).toBe('port-out-not-rejectable');
      expect(await turnedDown(portOut.authorize())).toBe('port-out-not-authorizable');
      expect(portOut.answers).toEqual([{ answer: { decision: 'reject', code: '1002' }, by: 'caller', hours: 0 }]);
      expect(portOut.types).toContain('port-out.decided-reject');
    });
  });

  it('whose rejection is not accepted comes back to a person', async () => {
    portOut.proposal = { decision: 'reject', code: '1001' };
    await running(async () => {
      await portOut.start();
      await portOut.reaches('rejecting');
      await portOut.news({ state: 'pending', carrierState: 'pending' });
      await portOut.reaches('awaiting-decision');
      await portOut.authorize();
      await portOut.reaches('authorized');
      expect(portOut.types).toContain('port-out.rejection-not-accepted');
      expect(portOut.answers.map(({ by }) => by)).toEqual(['rules', 'caller']);
    });
  });
});

describe('when something fails', () => {
  it('every lost webhook is made good by reading when a deadline comes', async () => {
    portOut.proposal = ask;
    portOut.takes = () => ({ state: 'rejecting', carrierState: 'rejected-pending' });
    await running(async () => {
      const handle = await portOut.start();
      await portOut.reaches('awaiting-decision');
      await engine.env.sleep('23 hours');
      await portOut.reaches('rejecting');
      portOut.says = { state: 'rejected', carrierState: 'rejected' };
      await handle.result();
      expect((await portOut.state())?.status).toBe('rejected');
    });
  });

  it('an answer that does not reach the carrier is sent until it does, and is raised once', async () => {
    let isAway = true;
    portOut.takes = () => (isAway ? away() : { state: 'authorized', carrierState: 'authorized' });
    await running(async () => {
      await portOut.start();
      await portOut.reaches('answering');
      await engine.env.sleep('15 minutes');
      await expect.poll(() => portOut.types.join()).toContain('port-out.delayed');
      expect(await portOut.state()).toMatchObject({ status: 'answering', problems: [{ code: 'delayed' }] });
      isAway = false;
      await engine.env.sleep('10 minutes');
      await portOut.reaches('authorized');
      expect(portOut.types.filter((type) => type === 'port-out.delayed')).toHaveLength(1);
      expect((await portOut.state())?.problems).toEqual([]);
    });
  });

  it('an answer that the carrier refuses is put before a person', async () => {
    portOut.takes = () => refuse('10015');
    await running(async () => {
      await portOut.start();
      await portOut.reaches('awaiting-decision');
      expect((await portOut.state())?.problems).toMatchObject([{ code: '10015' }]);
      // A code is the carrier's own: it is no type of an event.
      expect(portOut.steps).toContainEqual(
        expect.objectContaining({ type: 'port-out.answer-refused', detail: expect.stringContaining('10015') }),
      );
      expect(portOut.types.filter((type) => !eventTypes.some((known) => known.type === type))).toEqual([]);
    });
  });

  it('a check that fails is put before a person before silence counts, and approval by silence is named', async () => {
    portOut.deadline = { answer: 1, decide: 0.75 };
    portOut.proposal = away;
    await running(async () => {
      await portOut.start();
      await engine.env.sleep('50 minutes');
      await portOut.reaches('awaiting-decision');
      expect(portOut.types.filter((type) => type === 'port-out.delayed')).toHaveLength(1);
      expect(portOut.types).toContain('port-out.not-checked');
      await portOut.news({ state: 'authorized', carrierState: 'authorized', focAt: portOut.at(72) });
      await portOut.reaches('authorized');
      expect(await portOut.state()).toMatchObject({ approvedWithoutUs: true });
      await portOut.news({ state: 'cancelled', carrierState: 'canceled' });
      await portOut.handle.result();
      expect(portOut.stages.map(({ stage }) => stage)).toEqual(['dated', 'stays']);
      expect(portOut.types).toContain('numbers.stays');
    });
  });

  it('a port-out that the carrier does not have fails visibly', async () => {
    const activities = { ...portOut.activities(), readPortOut: async () => refuse('10005') };
    await engine.withActivities(activities, async () => {
      await expect((await portOut.start()).result()).rejects.toThrow('Workflow execution failed');
    });
  });
});

describe('its history', () => {
  it('stays short while it waits, and holds nothing of what the request says (invariant 9)', async () => {
    portOut.proposal = ask;
    await running(async () => {
      await portOut.start();
      await portOut.reaches('awaiting-decision');
      await engine.env.sleep('20 hours');
      const events = (await portOut.handle.fetchHistory()).events ?? [];
      expect(events.length).toBeLessThan(40);
      expect(portOut.reads).toBe(1);
    });
  });
});
