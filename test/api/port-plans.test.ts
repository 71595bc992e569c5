import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startForgottenPlans } from '../../api/plan-acceptance.ts';
import { Problem } from '../../api/problem.ts';
import { plan, planChanged, planPage, refusedNumbers } from '../../api/schemas/port-plans.ts';
import { portAccepted, portPage } from '../../api/schemas/ports.ts';
import { timeline } from '../../api/schemas/timeline.ts';
import { newCutover } from '../../domain/lifecycle/cutover.ts';
import { newPlan } from '../../domain/lifecycle/plan.ts';
import { samplePort } from '../store/samples.ts';
import { numbers, portBody, type Serving, serve } from './serving.ts';

let api: Serving;
beforeEach(async () => {
  api = await serve();
});
afterEach(() => api.stop());

const many = (count: number) => Array.from({ length: count }, (_, index) => `+1206${2000000 + index}`);
const order = (phoneNumbers: readonly string[], change: object = {}, headers?: Record<string, string>) =>
  api.post('/v1/ports', { ...portBody, ...change, phoneNumbers }, headers);
const planOf = async (phoneNumbers: readonly string[], change: object = {}): Promise<string> =>
  (await order(phoneNumbers, change)).body.id;

describe('ordering many numbers', () => {
  it('20,000 are on record and their process has begun when it is answered; none was looked at (invariants 3, 9)', async () => {
    const begun = Date.now();
    const answer = await order(many(20_000));
    expect(answer.status).toBe(202);
    expect(Date.now() - begun).toBeLessThan(10_000);
    const { id, status, links } = portAccepted.parse(answer.body);
    expect(status).toBe('checking');
    expect(links).toMatchObject({ self: `/v1/ports/${id}`, orders: `/v1/ports?planId=${id}` });
    expect(api.recorded.plans).toEqual([
      { planId: id, gainingCarrier: 'beta', marginMs: 900_000, proofDeadlineMs: 72 * 3600_000 },
    ]);
    expect(api.recorded.ports).toEqual([]);
    expect(await api.contents()).toMatchObject({ ports: 0, numbers: 0, consents: 0 });
    expect(await api.database.collection('portPlanParts').countDocuments()).toBe(40);
  });

  it('takes no more than 20,000', async () => {
    expect((await order(many(20_001))).body).toMatchObject({
      code: 'invalid-request',
      errors: [{ path: 'phoneNumbers' }],
    });
  });

  it('a number that does not exist among many is told afterwards, among few at once', async () => {
    const wrong = '+19995550199';
    expect((await order([...many(500), wrong])).status).toBe(202);
    expect((await order([...many(10), wrong])).body).toMatchObject({
      code: 'phone-number-invalid',
      errors: [{ path: 'phoneNumbers.10' }],
    });
  });

  it.each([
    ['countries', [numbers.own, numbers.british], {}],
    ['types', [numbers.own, '+18005550199'], {}],
  ])('few numbers of several %s make a plan, too', async (_what, phoneNumbers, change) => {
    expect(await planOf(phoneNumbers, change)).toMatch(/^plan_/);
  });

  it('and so do numbers that are registered with several carriers', async () => {
    await api.register(numbers.own, 'alpha');
    await api.register(numbers.second, 'beta');
    expect(await planOf([numbers.own, numbers.second], { losingCarrier: undefined })).toMatch(/^plan_/);
    expect((await order([numbers.own, numbers.second])).body.code).toBe('invalid-request');
  });

  it('and numbers of which nobody says that one carrier has them all', async () => {
    expect(await planOf([numbers.own, numbers.second], { losingCarrier: undefined })).toMatch(/^plan_/);
    expect(await planOf([numbers.foreign], { losingCarrier: undefined })).toMatch(/^port_/);
  });

  it('one order of up to 500 is a port as ever', async () => {
    expect(await planOf(many(500))).toMatch(/^port_/);
    expect(await api.contents()).toMatchObject({ ports: 1, numbers: 500, consents: 500 });
    expect(api.recorded.plans).toEqual([]);
  });

  it('starts one process for the same Idempotency-Key; another body under it is refused (invariant 4)', async () => {
    const headers = { 'idempotency-key': 'many-once' };
    api.recorded.failure = new Problem('engine-unavailable', 'It has not begun.');
    expect((await order(many(501), {}, headers)).body.code).toBe('engine-unavailable');
    api.recorded.failure = undefined;
    expect((await order(many(502), {}, headers)).body.code).toBe('idempotency-key-reused');
    const first = await order(many(501), {}, headers);
    const again = await order(many(501), {}, headers);
    expect(again.body).toEqual(first.body);
    expect(api.recorded.plans).toHaveLength(1);
    expect(await api.database.collection('portPlans').countDocuments()).toBe(1);
  });

  it('is started by a sweep when its caller never comes back (invariant 3)', async () => {
    api.recorded.failure = new Problem('engine-unavailable', 'It has not begun.');
    await order(many(501));
    api.recorded.failure = undefined;
    const parts = { store: api.store, planProcess: api.recorded.planProcess, marginMs: 1, proofDeadlineMs: 2 };
    await startForgottenPlans(parts, new Date());
    expect(api.recorded.plans).toEqual([]);
    await startForgottenPlans(parts, new Date(Date.now() + 20_000));
    expect(api.recorded.plans).toMatchObject([{ marginMs: 1, proofDeadlineMs: 2 }]);
  });

  it('is refused for what can be told at once, and leaves nothing', async () => {
    expect((await order(many(501), { gainingCarrier: 'gamma' })).body.code).toBe('unknown-carrier');
    expect((await order(many(501), { losingCarrier: 'beta' })).body.code).toBe('gaining-is-losing');
    expect(await api.database.collection('portPlanParts').countDocuments()).toBe(0);
  });
});

describe('a plan', () => {
  const state = newPlan('2027-01-01T00:00:00.000Z');

  /** A plan with two orders, the numbers of one on their way. */
  async function withOrders(): Promise<{ id: string; ports: string[] }> {
    const id = await planOf(many(600), { metadata: { ticket: 7 } });
    const ports = [
      samplePort(api.store.vault, [numbers.own, numbers.second], { planId: id, createdAt: new Date(1) }),
      samplePort(api.store.vault, [numbers.foreign], { planId: id, createdAt: new Date(2), status: 'completed' }),
    ];
    for (const port of ports) await api.store.ports.insert(port);
    const [first] = ports;
    const cutover = { ...newCutover('move'), messaging: 'uncertain' } as const;
    for (const { numberKey } of first?.numbers ?? []) {
      await api.store.ports.projectCutover(first?._id ?? '', numberKey, 1, cutover);
    }
    await api.store.ports.projectCutover(first?._id ?? '', first?.numbers[0]?.numberKey ?? '', 2, {
      ...cutover,
      messaging: 'gaining',
      outcome: 'ported',
    });
    await api.store.portPlans.project(id, 1, { ...state, status: 'in-progress', orders: 2, problems: 597 });
    return { id, ports: ports.map(({ _id }) => _id) };
  }

  it('shows the roll-up and its orders', async () => {
    const { id, ports } = await withOrders();
    expect(plan.parse((await api.get(`/v1/ports/${id}`)).body)).toMatchObject({
      kind: 'plan',
      id,
      status: 'in-progress',
      metadata: { ticket: 7 },
      counts: { numbers: 600, problems: 597, ordered: 3, uncertain: 1, ported: 1, returned: 0 },
      orders: {
        planned: 2,
        begun: 2,
        byStatus: { checking: 1, completed: 1 },
        data: [
          { id: ports[0], status: 'checking', counts: { numbers: 2, uncertain: 1, ported: 1 } },
          { id: ports[1], status: 'completed', counts: { numbers: 1, uncertain: 0, ported: 0 } },
        ],
      },
    });
  });

  it('its orders are found among the ports, and name it', async () => {
    const { id, ports } = await withOrders();
    await order([numbers.own]);
    const found = portPage.parse((await api.get(`/v1/ports?planId=${id}`)).body).data;
    expect(found.map((each) => each.id)).toEqual(ports.toReversed());
    expect(found.map(({ planId }) => planId)).toEqual([id, id]);
    expect((await api.get(`/v1/ports?planId=${id}&status=completed`)).body.data).toMatchObject([{ id: ports[1] }]);
  });

  it('lists the numbers that go into no order, with position and reason, page by page', async () => {
    const id = await planOf(many(1300));
    const parts = await api.store.portPlans.parts(id).toArray();
    const problem = { code: 'number-not-portable', message: 'Leave it out.' };
    for (const part of parts) {
      await api.store.portPlans.saveChecked(
        part._id,
        part.numbers.map((each) => ({ ...each, problem })),
      );
    }
    const first = refusedNumbers.parse((await api.get(`/v1/ports/${id}/problems`)).body);
    expect(first.data).toHaveLength(1000);
    expect(first.data[7]).toEqual({ position: 7, phoneNumber: many(8)[7], ...problem });
    const second = refusedNumbers.parse((await api.get(`/v1/ports/${id}/problems?from=${first.next}`)).body);
    expect(second.data.map(({ position }) => position)).toEqual(Array.from({ length: 300 }, (_, i) => 1000 + i));
    expect(second.next).toBeNull();
  });

  it('has a timeline', async () => {
    const id = await planOf(many(501));
    await api.store.timeline.append(id, 'plan', 0, [
      { at: '2027-01-01T00:00:00.000Z', actor: 'caller', type: 'plan.requested', detail: 'A port of many numbers.' },
    ]);
    const { data } = timeline.parse((await api.get(`/v1/ports/${id}/timeline`)).body);
    expect(data).toMatchObject([{ type: 'plan.requested' }]);
    expect((await api.get(`/v1/ports/${id}/timeline?format=csv`)).body).toContain('plan.requested');
  });

  it('is cancelled like a port, and only that: what is done to data is done to its orders', async () => {
    const id = await planOf(many(501));
    const answer = await api.post(`/v1/ports/${id}/cancel`, { reason: 'other' });
    expect(planChanged.parse(answer.body)).toMatchObject({ id, status: 'cancel-pending' });
    expect(api.recorded.updates).toMatchObject([{ name: 'cancel', portId: id, details: 'other' }]);
    expect((await api.post(`/v1/ports/${id}/supplement`, { subscriber: { pin: '1' } })).body.code).toBe('unknown-port');
    expect((await api.post(`/v1/ports/${id}/activate`, {})).body.code).toBe('unknown-port');
    const ofOrders = await Promise.all([
      api.get(`/v1/ports/${id}/documents`),
      api.get(`/v1/ports/${id}/comments`),
      api.call('PUT', `/v1/ports/${id}/checklist/canary`, { state: 'done' }),
    ]);
    for (const { status, body } of ofOrders) {
      expect([status, body.detail]).toEqual([404, 'This is a plan: name one of its orders.']);
    }
  });

  it('is listed with the others, newest first', async () => {
    const ids = [await planOf(many(501)), await planOf(many(502))];
    const shown = planPage.parse((await api.get('/v1/port-plans')).body).data;
    expect(shown.map(({ id, numbers: count }) => [id, count])).toEqual([
      [ids[1], 502],
      [ids[0], 501],
    ]);
    expect((await api.get('/v1/ports/plan_0/problems')).body.code).toBe('unknown-port');
  });
});
