import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type CutoverState, newCutover, nextCutover } from '../../domain/lifecycle/cutover.ts';
import { newOrder, type OrderState } from '../../domain/lifecycle/order.ts';
import {
  type CutoverInput,
  type CutoversCarried,
  cutoverNewsSignal,
  cutoverReturnedSignal,
  type PortInput,
} from '../../workflows/contract.ts';
import { CutoverChildren } from '../../workflows/cutover-children.ts';

/** What the engine was asked, instead of an engine. */
const told: { workflowId: string; signal: string; value: unknown }[] = [];
let slept = 0;
vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<typeof import('@temporalio/workflow')>()),
  sleep: async () => {
    slept += 1;
  },
  getExternalWorkflowHandle: (workflowId: string) => ({
    signal: async ({ name }: { name: string }, value: unknown) => void told.push({ workflowId, signal: name, value }),
  }),
}));

const started: CutoverInput[] = [];
let refusals = 0;
const start = async (child: CutoverInput) => {
  if (refusals-- > 0) throw new WorkflowExecutionAlreadyStartedError('it is open', child.numberKey, 'cutoverWorkflow');
  started.push(child);
};
beforeEach(() => {
  told.length = 0;
  started.length = 0;
  slept = 0;
  refusals = 0;
});

const input: PortInput = {
  portId: 'port_1',
  gainingCarrier: 'beta',
  losingCarrier: 'alpha',
  messagingPlan: 'move',
  activation: 'automatic',
  numberKeys: ['num_1', 'num_2', 'num_3'],
  marginMs: 900_000,
  proofDeadlineMs: 3600_000,
};
const hour = 3600_000;
const inAnHour = () => new Date(Date.now() + hour).toISOString();
const children = (carried?: CutoversCarried) => new CutoverChildren(input, start, carried);
/** As the next run of the port has them: through continue-as-new everything is JSON. */
const resumed = (of: CutoverChildren) => children(JSON.parse(JSON.stringify(of.carry())));
const order = (focAt: string): OrderState => ({ ...newOrder(focAt), status: 'foc-confirmed', focAt });
const reading = (voice: CutoverState['voice'], messaging: 'pending' | 'active' = 'pending') => ({
  carrierOrderId: 'o',
  state: 'ported' as const,
  carrierState: 'ported',
  rejections: [],
  numbers: input.numberKeys.map((numberKey) => ({ numberKey, voice, messaging })),
});
const ported = (['database-names-gaining', 'outbound-proven'] as const).reduce(
  (state, type) => nextCutover(state, { type }, new Date().toISOString()),
  newCutover('move'),
);
const returned = nextCutover(newCutover('move'), { type: 'returned' }, new Date().toISOString());

describe('the cutovers of a port', () => {
  it('are known to its next run, which starts none of them again', async () => {
    const first = children();
    await first.begin(inAnHour());
    first.ended({ numberKey: 'num_1', state: ported });
    const second = resumed(first);
    expect(second.states).toMatchObject({ num_1: { outcome: 'ported' } });
    expect(second.allEnded()).toBe(false);
    await second.follow(order(second.carry().begunFor ?? ''));
    expect(started).toHaveLength(3);
    second.ended({ numberKey: 'num_2', state: ported });
    expect(second.ended({ numberKey: 'num_3', state: ported })).toBe(true);
    expect(second.allEnded()).toBe(true);
  });

  it('that were undone in an earlier run are begun again in the next one', async () => {
    const first = children();
    await first.begin(inAnHour());
    await first.undo('date withdrawn');
    expect(told.map(({ workflowId, signal }) => `${workflowId} ${signal}`)).toEqual(
      input.numberKeys.map((numberKey) => `cutover/port_1/${numberKey} ${cutoverReturnedSignal.name}`),
    );
    const second = resumed(first);
    // Each that has returned may be begun again: that is something to do.
    for (const numberKey of input.numberKeys) expect(second.ended({ numberKey, state: returned })).toBe(true);
    await second.begin(inAnHour());
    expect(started).toHaveLength(6);
  });

  it('that have reported their end and not closed yet are waited for', async () => {
    refusals = 2;
    await children().begin(inAnHour());
    expect(started).toHaveLength(3);
    expect(slept).toBe(2);
  });

  it('report their ends without waking the port, but for the last one', async () => {
    const all = children();
    await all.begin(inAnHour());
    expect(input.numberKeys.map((numberKey) => all.ended({ numberKey, state: ported }))).toEqual([false, false, true]);
    expect(all.ended({ numberKey: 'num_1', state: ported }), 'a report that comes twice').toBe(false);
  });
});

it('a late report of an earlier cutover says nothing of the present one', async () => {
  const first = children();
  await first.begin(inAnHour());
  await first.undo('date withdrawn');
  first.ended({ numberKey: 'num_1', state: returned, begun: 1 });
  const second = resumed(first);
  await second.begin(inAnHour());
  expect(started.at(-1)).toMatchObject({ numberKey: 'num_1', begun: 2 });
  expect(second.ended({ numberKey: 'num_1', state: returned, begun: 1 })).toBe(false);
  expect(second.states).toEqual({});
  second.ended({ numberKey: 'num_1', state: ported, begun: 2 });
  expect(second.states).toMatchObject({ num_1: { outcome: 'ported' } });
});

describe('news of the carrier', () => {
  const news = () => told.filter(({ signal }) => signal === cutoverNewsSignal.name).map(({ value }) => value);
  const hears = async (all: CutoverChildren, ...readings: ReturnType<typeof reading>[]) => {
    for (const each of readings) {
      all.hear(each);
      await all.follow(order(all.carry().begunFor ?? ''));
    }
  };

  it('are told once per number, when voice has moved and when texts have', async () => {
    const all = children();
    await all.begin(new Date(Date.now() - 1000).toISOString());
    await hears(all, reading('pending'), reading('activating'), reading('active'), reading('active'));
    expect(news()).toEqual(Array(3).fill({ voice: 'active' }));
    await hears(all, reading('active', 'active'), reading('active', 'active'));
    expect(news().slice(3)).toEqual(Array(3).fill({ voice: 'active', textsMoved: true }));
    const next = resumed(all);
    await hears(next, reading('active', 'active'));
    expect(news(), 'the next run knows what was told').toHaveLength(6);
  });

  it('that voice is activating matter before the margin only: at the date a cutover looks by itself', async () => {
    const early = children();
    await early.begin(inAnHour());
    await hears(early, reading('activating'));
    expect(news()).toEqual(Array(3).fill({ voice: 'activating' }));
  });

  it('are for those that are open', async () => {
    const all = children();
    await all.begin(new Date(Date.now() - 1000).toISOString());
    all.ended({ numberKey: 'num_1', state: ported });
    await hears(all, reading('failed'));
    expect(told.map(({ workflowId }) => workflowId)).toEqual(['cutover/port_1/num_2', 'cutover/port_1/num_3']);
  });
});
