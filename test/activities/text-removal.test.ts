import { beforeEach, describe, expect, test } from 'vitest';
import { createTextRemovalActivities } from '../../activities/text-removal.ts';
import { CarrierRefused, CarrierUnavailable } from '../../carriers/errors.ts';
import { routeText } from '../../domain/routing.ts';
import type { TextRemovalDocument } from '../../store/text-removals.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleNumber, sampleRemoval } from '../store/samples.ts';
import { fakeCarrier } from './fake-carrier.ts';
import { FakeHosting } from './fake-hosting.ts';

const own = ownStore();
const engine = new RecordedEngine();
let hosting: FakeHosting;
let removal: TextRemovalDocument;
let numbers: string[] = [];
let count = 0;

const activities = () =>
  createTextRemovalActivities({
    store: own.store,
    engine,
    carriers: new Map([['telnyx', fakeCarrier('telnyx', { hosting, settings: { adapter: 'telnyx' } })]]),
  });
const keyOf = (phoneNumber = '') => own.store.vault.numberKey(phoneNumber);
const routingOf = async (phoneNumber = '') => (await own.store.numbers.find(keyOf(phoneNumber)))?.routing;
const removalId = () => removal._id;

beforeEach(async () => {
  engine.clear();
  count += 1;
  numbers = [`+1202555${2000 + count}`, `+1202555${4000 + count}`];
  hosting = new FakeHosting();
  for (const number of numbers) {
    hosting.hosted.add(number);
    const routing = { state: 'settled', carrier: 'telnyx' } as const;
    await own.store.numbers.insert(sampleNumber(own.store.vault, number, { routing }));
  }
  removal = sampleRemoval(own.store.vault, numbers);
  await own.store.textRemovals.insert(removal);
});

describe('the check of a removal', () => {
  test('claims the numbers (invariant 7), and says what the carrier does not host without naming it (invariant 9)', async () => {
    expect(await activities().checkTextRemoval({ removalId: removalId() })).toEqual({ problems: [] });
    expect([...(await own.store.numberClaims.openPorts(numbers.map(keyOf))).values()]).toEqual([
      removalId(),
      removalId(),
    ]);
    expect(await own.store.numbers.find(keyOf(numbers[0]))).toMatchObject({ voiceAt: 'elsewhere' });
    hosting.hosted.delete(numbers[1] ?? '');
    const { problems } = await activities().checkTextRemoval({ removalId: removalId() });
    expect(problems).toMatchObject([{ code: 'texts-not-hosted' }]);
    expect(JSON.stringify(problems)).not.toContain('2025550');
    await activities().releaseRemovedNumbers({ removalId: removalId() });
    expect(await own.store.numberClaims.openPorts(numbers.map(keyOf))).toEqual(new Map());
  });

  test('finds numbers that have an open port', async () => {
    await own.store.numberClaims.claim([keyOf(numbers[0])], 'port_x');
    const { problems } = await activities().checkTextRemoval({ removalId: removalId() });
    expect(problems).toMatchObject([{ code: 'number-has-open-port' }]);
  });
});

describe('texts that are removed', () => {
  test('wait while the carrier lets them go; urgent ones still go by it', async () => {
    await activities().holdTexts({ removalId: removalId() });
    await activities().holdTexts({ removalId: removalId() });
    const routing = await routingOf(numbers[0]);
    expect(routing).toMatchObject({ state: 'uncertain', portId: removalId(), losing: 'telnyx', activated: false });
    const ask = (kind: 'otp' | 'marketing') =>
      routeText({ kind, canary: false, sender: routing as never, refusedBy: [], carriers: new Set(['telnyx']) });
    expect(ask('marketing')).toMatchObject({ decision: 'hold' });
    expect(ask('otp')).toMatchObject({ decision: 'send', carrier: 'telnyx' });
  });

  test('are refused with that reason afterwards, and what was held is told', async () => {
    await activities().holdTexts({ removalId: removalId() });
    hosting.letsGo = 1;
    const { left } = await activities().removeTexts({ removalId: removalId() });
    expect(left).toEqual([keyOf(numbers[1])]);
    expect(await activities().removeTexts({ removalId: removalId() })).toEqual({ left: [] });
    await activities().endTexts({ removalId: removalId(), left: [] });
    expect(await routingOf(numbers[0])).toEqual({ state: 'settled', textsRemoved: true });
    expect(
      routeText({
        kind: 'otp',
        canary: false,
        sender: { state: 'settled', textsRemoved: true },
        refusedBy: [],
        carriers: new Set(['telnyx']),
      }),
    ).toEqual({ decision: 'refuse', code: 'texts-removed' });
    expect(engine.told.filter(([name]) => name === 'routingChanged')).toHaveLength(2);
    expect((await own.store.textRemovals.find(removalId()))?.numbers.map(({ ended }) => ended)).toEqual([true, true]);
    // Done again it stands there once.
    await activities().endTexts({ removalId: removalId(), left: [] });
    const { history } = (await own.store.numbers.find(keyOf(numbers[0]))) ?? {};
    expect(history).toEqual([{ portId: removalId(), at: expect.any(Date), from: 'telnyx' }]);
  });

  test('stay with the carrier where it refuses; the history holds its code and no number (invariant 9)', async () => {
    await activities().holdTexts({ removalId: removalId() });
    hosting.removalFailure = new CarrierRefused(`no for ${numbers[1]}`, 'FAILED');
    const answer = await activities().removeTexts({ removalId: removalId() });
    expect(answer).toMatchObject({ left: [keyOf(numbers[1])], refused: { code: 'FAILED' } });
    expect(JSON.stringify(answer)).not.toContain('2025554');
    await activities().endTexts({ removalId: removalId(), left: answer.left });
    expect(await routingOf(numbers[0])).toEqual({ state: 'settled', textsRemoved: true });
    expect(await routingOf(numbers[1])).toEqual({ state: 'settled', carrier: 'telnyx' });
    expect((await own.store.numbers.find(keyOf(numbers[1])))?.history).toEqual([]);
  });

  test('are asked for again when the carrier is away', async () => {
    hosting.failure = new CarrierUnavailable('away');
    await expect(activities().removeTexts({ removalId: removalId() })).rejects.toThrow('away');
  });

  test('are left alone where the number has gone elsewhere meanwhile', async () => {
    const moved = { state: 'settled', carrier: 'alpha' } as const;
    const { version = 0 } = (await own.store.numbers.find(keyOf(numbers[0]))) ?? {};
    await own.store.numbers.change(keyOf(numbers[0]), version, { routing: moved });
    await activities().holdTexts({ removalId: removalId() });
    await activities().endTexts({ removalId: removalId(), left: [] });
    expect(await routingOf(numbers[0])).toEqual(moved);
  });
});

test('a removal is shown as its process last said (invariant 1)', async () => {
  const say = (counter: number, status: 'submitted' | 'completed') =>
    activities().projectTextRemoval({
      removalId: removalId(),
      counter,
      removal: { status, since: '2027-01-01T00:00:00Z', problems: [] },
      firstStep: counter - 1,
      steps: [{ at: '2027-01-01T00:00:00Z', actor: 'portsms', type: `order.${status}`, detail: 'x' }],
    });
  await say(2, 'completed');
  await say(1, 'submitted');
  await say(1, 'submitted');
  expect(await own.store.textRemovals.find(removalId())).toMatchObject({ status: 'completed', counter: 2 });
  expect((await own.store.timeline.list(removalId())).map(({ type }) => type)).toEqual([
    'order.submitted',
    'order.completed',
  ]);
});
