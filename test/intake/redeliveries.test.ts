import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import type { InboundEvent } from '../../carriers/carrier.ts';
import { createIntake, type Intake } from '../../intake/intake.ts';
import { leaveBehind } from '../../intake/redeliveries.ts';
import { fakeCarrier } from '../activities/fake-carrier.ts';
import { ownStore } from '../store/own-store.ts';
import { RecordedEngine } from './recorded-engine.ts';

const own = ownStore();
const carriers = new Map([['alpha', fakeCarrier('alpha')]]);

let count = 0;
let [killed, heir] = ['', ''];
let to = '';
beforeEach(() => {
  count += 1;
  [killed, heir] = [`wrk_a${count}`, `wrk_b${count}`];
  to = `+1202555${6000 + count}`;
});

/** The way in of a worker. */
const intakeOf = (owner: string) =>
  createIntake({
    store: own.store,
    engine: new RecordedEngine(),
    carriers,
    logger: pino({ enabled: false }),
    owner,
  });

/** An event id of this test's own. */
const named = (name: string) => `${name}-${count}`;

/** A text over SMPP: the same one comes under another id to another process. */
function text(name: string, said = 'yes'): InboundEvent {
  const eventId = named(name);
  const parties = { from: '+12025550177', to };
  const at = new Date().toISOString();
  return { type: 'inbound', eventId, at, raw: '{}', ...parties, text: said, content: JSON.stringify([parties, said]) };
}

async function bring(intake: Intake, ...events: InboundEvent[]): Promise<Record<string, string>> {
  const known = await intake.receive('alpha', events);
  await intake.idle();
  const nameOf = (id: string) => id.split('-', 1)[0] ?? '';
  return Object.fromEntries([...known].map(([id, before]) => [nameOf(id), nameOf(before)]));
}

const texts = async () => (await own.store.inboundTexts.list({ toKey: own.store.vault.numberKey(to) }, 100)).length;

/** Lets what is not settled be older. */
async function letPass(seconds: number): Promise<void> {
  const events = own.raw.collection('carrierEvents');
  for (const { _id, unsettled } of await events.find({ unsettled: { $exists: true } }).toArray()) {
    const earlier = (date: Date) => new Date(date.getTime() - seconds * 1000);
    const leftUntil = unsettled.leftUntil && { leftUntil: earlier(unsettled.leftUntil) };
    await events.updateOne(
      { _id },
      { $set: { unsettled: { ...unsettled, since: earlier(unsettled.since), ...leftUntil } } },
    );
  }
}

describe('a text that a killed worker had stored, and that the carrier does not know of', () => {
  test('is not stored again when it comes again, and has its first id', async () => {
    await bring(intakeOf(killed), text('a1'));
    await leaveBehind(own.store, [killed], new Date());
    expect(await bring(intakeOf(heir), text('b1'))).toEqual({ b1: 'a1' });
    expect(await texts()).toBe(1);
  });

  test('is as many times as it was left behind; the next one is new', async () => {
    await bring(intakeOf(killed), text('a1'), text('a2'));
    await leaveBehind(own.store, [killed], new Date());
    const known = await bring(intakeOf(heir), text('b1'), text('b2'), text('b3'));
    expect(Object.keys(known)).toEqual(['b1', 'b2']);
    expect(new Set(Object.values(known))).toEqual(new Set(['a1', 'a2']));
    expect(await texts()).toBe(3);
  });

  test('is known once more when it is repeated on its session, and to the next heir when this one dies, too', async () => {
    await bring(intakeOf(killed), text('a1'));
    await leaveBehind(own.store, [killed], new Date());
    const intake = intakeOf(heir);
    expect(await bring(intake, text('b1'))).toEqual({ b1: 'a1' });
    expect(await bring(intake, text('b1'))).toEqual({ b1: 'a1' });
    await leaveBehind(own.store, [heir], new Date());
    expect(await bring(intakeOf(`${heir}'`), text('c1'))).toEqual({ c1: 'a1' });
    expect(await texts()).toBe(1);
  });

  test('is over when the carrier knows of it: then an equal one is new', async () => {
    const first = intakeOf(killed);
    await bring(first, text('a1'), text('a2', 'no'));
    await first.settled('alpha', [named('a1')]);
    await leaveBehind(own.store, [killed], new Date());
    expect(await bring(intakeOf(heir), text('b1'), text('b2', 'no'))).toEqual({ b2: 'a2' });
    expect(await texts()).toBe(3);
  });

  test('is over two minutes after its process was found dead: who writes the same then has written again', async () => {
    await bring(intakeOf(killed), text('a1'));
    await letPass(3600);
    await leaveBehind(own.store, [killed], new Date());
    await letPass(121);
    expect(await bring(intakeOf(heir), text('b1'))).toEqual({});
    expect(await texts()).toBe(2);
  });

  test('has nothing to do with an equal one of another carrier, or of one that gives ids', async () => {
    await bring(intakeOf(killed), text('a1'));
    await leaveBehind(own.store, [killed], new Date());
    const { content, ...withId } = text('b2');
    const intake = intakeOf(heir);
    expect(await intake.receive('beta', [text('b1')])).toEqual(new Map());
    expect(await intake.receive('alpha', [withId])).toEqual(new Map());
    await intake.idle();
    expect(await texts()).toBe(3);
  });
});

describe('a text that another process has, of which it is not known that it died', () => {
  test('is asked for again, and taken for new when the other one has seen its own settled', async () => {
    const [first, second] = [intakeOf(killed), intakeOf(heir)];
    await bring(first, text('a1'));
    await expect(bring(second, text('b0', 'something else'), text('b1'))).rejects.toThrow(/asked to send it again/);
    expect(await texts()).toBe(1);
    await first.settled('alpha', [named('a1')]);
    expect(await bring(second, text('b0', 'something else'), text('b1'))).toEqual({});
    expect(await texts()).toBe(3);
  });

  test('is a repetition when that one has not seen it settled for long: it has lost its session', async () => {
    await bring(intakeOf(killed), text('a1'));
    await letPass(31);
    expect(await bring(intakeOf(heir), text('b1'))).toEqual({ b1: 'a1' });
    await bring(intakeOf(killed), text('a2', 'no'));
    await letPass(151);
    expect(await bring(intakeOf(heir), text('b2', 'no'))).toEqual({});
  });
});

test('what tells repetitions holds no personal data (invariant 9)', async () => {
  await bring(intakeOf(killed), text('a1', 'a word of theirs'));
  const [stored] = await own.raw.collection('carrierEvents').find({ 'unsettled.by': killed }).toArray();
  expect(stored?.unsettled).toMatchObject({ eventId: named('a1'), content: expect.stringMatching(/^[\w-]{43}$/) });
  expect(JSON.stringify(stored)).not.toContain('theirs');
});
