import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { createCutoverActivities } from '../../activities/cutover.ts';
import type { Step } from '../../activities/interfaces.ts';
import { type MessagingPlan, newCutover } from '../../domain/lifecycle/cutover.ts';
import type { MessageKind } from '../../domain/message.ts';
import type { MessageDocument } from '../../store/messages.ts';
import type { NumberDocument } from '../../store/numbers.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleNumber, samplePort, sampleText } from '../store/samples.ts';
import { assessInput, beginInput } from './cutover-inputs.ts';
import { fakeCarrier } from './fake-carrier.ts';

const own = ownStore();
const engine = new RecordedEngine();
const portId = 'port_1';

/** Whom the portability database names; an Error is thrown. */
let database: string | Error | undefined;
const cutovers = () =>
  createCutoverActivities({
    store: own.store,
    engine,
    carriers: new Map([['telnyx', fakeCarrier('telnyx', { settings: { spids: ['073H', '465E'] } })]]),
    lookUps: {
      lookUp: async () => {
        if (database instanceof Error) throw database;
        return database ? { ported: true, spid: database, source: 'enum', at: new Date().toISOString() } : undefined;
      },
      refresh: async () => undefined,
    },
    logger: pino({ enabled: false }),
  });

let count = 0;
let from = '';
let numberKey = '';
beforeEach(async () => {
  engine.clear();
  database = undefined;
  count += 1;
  from = `+1202555${2000 + count}`;
  numberKey = own.store.vault.numberKey(from);
  await own.store.numbers.insert(sampleNumber(own.store.vault, from));
});

const begin = (id = portId) => cutovers().beginUncertainty(beginInput(id, numberKey));
const assess = (moved = false, rest: Parameters<typeof assessInput>[2] = {}) =>
  cutovers().assess(assessInput(portId, numberKey, { moved, ...rest }));
const settle = (
  outcome: 'ported' | 'returned',
  id = portId,
  rest: { plan?: MessagingPlan; losingCarrier?: string } = {},
) => cutovers().settleNumber({ portId: id, numberKey, outcome, plan: 'move', gainingCarrier: 'telnyx', ...rest });
const nothingProven = {
  terms: { databaseProves: true, probed: false, campaign: 'not-needed' },
  databaseNamesGaining: false,
  outboundProven: false,
  inboundProven: false,
};

async function number(): Promise<NumberDocument> {
  const found = await own.store.numbers.find(numberKey);
  if (!found) throw new Error('The number has no record.');
  return found;
}

async function hold(kind: MessageKind, ageSeconds: number, rest: { from?: string; to?: string } = {}): Promise<string> {
  const text = sampleText(own.store.vault, {
    from,
    kind,
    status: 'held',
    workflowId: 'messages/1',
    hold: { key: numberKey, code: 'sender-uncertain', since: new Date() },
    acceptedAt: new Date(Date.now() - ageSeconds * 1000),
    ...rest,
  });
  await own.store.messages.insert([text]);
  return text._id;
}

describe('uncertainty', () => {
  test('begins once, however often it is said; texts that were admitted before are stale from then on', async () => {
    await begin();
    const { routing } = await number();
    expect(routing).toMatchObject({ state: 'uncertain', portId, losing: 'alpha', gaining: 'telnyx', activated: false });
    await begin();
    expect(await number()).toMatchObject({ version: 2, routing });
  });

  test('begins although somebody else changes the number at the same time', async () => {
    await Promise.all([
      begin(),
      own.store.numbers.change(numberKey, 1, { standbyKey: 'num_standby' }),
      begin(),
      begin(),
    ]);
    expect((await number()).routing).toMatchObject({ state: 'uncertain', portId });
  });

  test('begins without proof, also when the number moved before, with this port or another', async () => {
    const at = new Date();
    for (const id of ['port_0', portId, portId]) {
      await begin(id);
      expect((await number()).proof, 'nothing is proven at the beginning').toBeUndefined();
      await own.store.numbers.saveProof(numberKey, id, { outboundAt: at, inboundAt: at, canaryId: 'msg_1' });
      await settle('returned', id, { losingCarrier: 'alpha' });
    }
    await begin();
    expect(await assess()).toEqual(nothingProven);
  });
});

describe('the opt-outs of a number that has moved', () => {
  test.each([
    ['not been read', undefined, true],
    ['could not be read', 'nowhere', true],
    ['are in the ledger', 'rebuilt', false],
  ] as const)('that have %s (%s): its marketing waits at once: %s', async (_, from_, waits) => {
    await begin();
    const moving = { portId, numberKey, gaining: 'telnyx', listed: 0, exportedAt: new Date() };
    if (from_) {
      await own.store.optOutMoves.save({ _id: `${portId}/${numberKey}`, ...moving, state: 'exported', from: from_ });
    }
    await settle('ported');
    const { routing, marketingHeld } = await number();
    expect(routing).toMatchObject({ state: 'settled', carrier: 'telnyx' });
    expect(marketingHeld?.code).toBe(waits ? 'opt-outs-unverified' : undefined);
  });

  test('matter not to one that stays or comes back', async () => {
    await begin();
    await settle('returned', portId, { losingCarrier: 'alpha' });
    expect((await number()).marketingHeld).toBeUndefined();
  });
});

describe('an assessment', () => {
  beforeEach(() => begin());

  test('tells what the database says and what has been proven; the losing carrier counts no more once voice has moved', async () => {
    expect(await assess()).toEqual(nothingProven);
    expect((await number()).routing).toMatchObject({ activated: false });
    database = '1234';
    expect(await assess()).toMatchObject({ databaseNamesGaining: false });
    database = '465E';
    await own.store.numbers.saveProof(numberKey, portId, { inboundAt: new Date() });
    expect(await assess()).toEqual({ ...nothingProven, databaseNamesGaining: true, inboundProven: true });
    expect((await number()).routing).toMatchObject({ state: 'uncertain', activated: true });
  });

  test('goes on when the database does not answer', async () => {
    database = new Error('time-out');
    expect(await assess(true)).toMatchObject({ databaseNamesGaining: false });
    expect((await number()).routing).toMatchObject({ activated: true });
  });

  test('sends the most urgent and oldest held text as canary once voice has moved, one at a time', async () => {
    await hold('conversational', 10);
    const oldest = await hold('conversational', 99);
    await hold('conversational', 120, { from: '+12025550188' });
    await assess();
    expect(engine.told).toEqual([]);
    await assess(true);
    await assess(true);
    expect(engine.callsOf('startMessages').map(([ids, kind]) => [ids, kind])).toEqual([[[oldest], 'conversational']]);
    const canary = await own.store.messages.find(oldest);
    expect(canary).toMatchObject({ status: 'accepted', canaryAt: expect.any(Date) });
    expect(canary).not.toHaveProperty('workflowId');
    expect((await number()).proof).toMatchObject({ canaryId: oldest });
  });

  test('sends another one when the first was refused or has failed, and none when texts go through', async () => {
    const first = await hold('transactional', 20);
    const second = await hold('transactional', 10);
    await hold('transactional', 5);
    await assess(true);
    const end = (id: string, status: MessageDocument['status']) => own.store.messages.change([id], () => ({ status }));
    await end(first, 'failed');
    await assess(true);
    await end(second, 'delivered');
    await own.store.numbers.saveProof(numberKey, portId, { outboundAt: new Date() });
    expect(await assess(true)).toMatchObject({ outboundProven: true });
    expect(engine.callsOf('startMessages').map(([ids]) => ids)).toEqual([[first], [second]]);
  });
});

describe('a settled number', () => {
  test('goes by its new carrier, remembers the port, and its held texts are let go; said twice, it is done once', async () => {
    await begin();
    await settle('ported');
    await settle('ported');
    const after = await number();
    expect(after).toMatchObject({ version: 3, routing: { state: 'settled', carrier: 'telnyx' } });
    expect(after.history).toMatchObject([{ portId, to: 'telnyx' }]);
    // A repetition tells again: the first may have been cut off before it told.
    expect(engine.callsOf('routingChanged')).toEqual([[numberKey], [numberKey]]);
  });

  test('goes back to the losing carrier when the move is undone, and to none when that is none of ours', async () => {
    await begin();
    await settle('returned', portId, { losingCarrier: 'alpha' });
    expect(await number()).toMatchObject({ routing: { state: 'settled', carrier: 'alpha' }, history: [] });
    await begin('port_2');
    await settle('returned', 'port_2');
    expect((await number()).routing).toEqual({ state: 'settled' });
  });

  test('that had moved and is asked back goes by the losing carrier; its history has both ways, each once', async () => {
    const move = { losingCarrier: 'alpha' };
    await begin();
    await settle('ported', portId, move);
    await settle('returned', portId, move);
    await settle('returned', portId, move);
    const after = await number();
    expect(after.routing).toEqual({ state: 'settled', carrier: 'alpha' });
    expect(after.history).toMatchObject([
      { portId, from: 'alpha', to: 'telnyx' },
      { portId, from: 'telnyx', to: 'alpha' },
    ]);
  });

  test('is not touched by the late end of another port', async () => {
    await begin('port_2');
    await settle('ported');
    expect((await number()).routing).toMatchObject({ state: 'uncertain', portId: 'port_2' });
  });
});

test('what is projected late never overwrites, and a second cutover in the same port goes on after the first (invariant 1)', async () => {
  const port = samplePort(own.store.vault, [from]);
  await own.store.ports.insert(port);
  const step = (second: number, type: string): Step => ({
    at: new Date(Date.UTC(2027, 0, 1, 0, 0, second)).toISOString(),
    actor: 'portsms',
    type,
    detail: '',
    numberKey,
  });
  const uncertain = { ...newCutover('move'), messaging: 'uncertain' as const };
  const returned = { ...uncertain, messaging: 'losing' as const, outcome: 'returned' as const };
  const project = (chain: string, firstStep: number, cutover: typeof uncertain | typeof returned, ...steps: Step[]) =>
    cutovers().projectCutover({ portId: port._id, numberKey, cutover, chain, firstStep, steps });
  const shown = async () => (await own.store.ports.find(port._id))?.numbers[0]?.cutover;

  await project('first', 0, uncertain, step(1, 'number.uncertain'));
  await project('first', 1, returned, step(2, 'number.losing'), step(2, 'number.returned'));
  await project('first', 0, uncertain, step(1, 'number.uncertain'));
  expect(await shown()).toEqual(returned);
  await project('second', 0, uncertain, step(9, 'number.uncertain'));
  await project('first', 1, returned, step(2, 'number.losing'), step(2, 'number.returned'));
  expect(await shown()).toEqual(uncertain);
  expect((await own.store.timeline.list(port._id)).map(({ type }) => type)).toEqual([
    'number.uncertain',
    'number.losing',
    'number.returned',
    'number.uncertain',
  ]);
});

test('of texts that move alone the database is not asked; the carrier that has them now is no way once they have moved', async () => {
  await begin();
  database = '073H';
  const ask = (moved: boolean) =>
    cutovers().assess({
      portId,
      numberKey,
      plan: 'messaging-only',
      gainingCarrier: 'telnyx',
      moved,
      databaseNamedGaining: false,
      campaign: 'not-needed',
    });
  expect(await ask(false)).toMatchObject({ databaseNamesGaining: false });
  expect((await number()).routing).toMatchObject({ activated: false });
  expect(await ask(true)).toMatchObject({ databaseNamesGaining: false });
  expect((await number()).routing).toMatchObject({ activated: true });
});
