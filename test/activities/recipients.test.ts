import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { createRecipients, type LookUpOutcome } from '../../activities/recipients.ts';
import type { RecipientCheck } from '../../domain/recipient-check.ts';
import { type PortabilityRecord, PortabilityUnavailable } from '../../npdb/portability-database.ts';
import type { MessageDocument } from '../../store/messages.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleNumber, sampleText, type TextSample } from '../store/samples.ts';

const own = ownStore();

/** A portability database that notes what it is asked, and answers after some time. */
let asked: string[] = [];
/** It is being asked for so many, and has been for so many at most. */
let [now, most] = [0, 0];
let delayMs = 0;
let silent = false;
let answer: (phoneNumber: string) => PortabilityRecord | undefined;
const portability = {
  name: 'test',
  lookUp: async (phoneNumber: string) => {
    asked.push(phoneNumber);
    now += 1;
    most = Math.max(most, now);
    if (delayMs > 0) await sleep(delayMs);
    now -= 1;
    if (silent) throw new PortabilityUnavailable('The database is silent.');
    return answer(phoneNumber);
  },
};

/** What was counted. */
let looked: LookUpOutcome[] = [];
let checks: [RecipientCheck, number][] = [];
let added: number[] = [];
const meter = {
  lookUp: (outcome: LookUpOutcome) => void looked.push(outcome),
  added: (ms: number) => void added.push(ms),
  texts: (check: RecipientCheck, count: number) => void checks.push([check, count]),
};

let count = 0;
beforeEach(() => {
  [asked, looked, checks, added] = [[], [], [], []];
  [now, most] = [0, 0];
  delayMs = 0;
  silent = false;
  answer = () => ({ ported: true, spid: '1234', source: 'test', at: new Date().toISOString() });
  count += 1000;
});
const number = (index = 0) => `+1312555${String(count + index).padStart(5, '0')}`;
const key = (index = 0) => own.store.vault.numberKey(number(index));
const text = (rest: TextSample = {}): MessageDocument => sampleText(own.store.vault, { to: number(), ...rest });
/** What was said of a number is kept after its text has gone on. */
const kept = () => expect.poll(() => own.store.numbers.find(key()), { interval: 5 });
const create = () => createRecipients({ store: own.store, portability, meter, logger: pino({ enabled: false }) });
const known = (texts: readonly MessageDocument[]) => own.store.numbers.findMany(texts.map(({ toKey }) => toKey));

async function verify(texts: readonly MessageDocument[], recipients = create(), lookedUp = false) {
  const { numbers, waiting } = await recipients.verify(texts, await known(texts), lookedUp);
  return { waiting, knowledge: texts.map((each) => recipients.knowledge(each, numbers, new Date())) };
}

describe('a recipient', () => {
  test('that nobody knows is looked up once for all of its texts, and its record is kept for everyone', async () => {
    const texts = [text(), text(), text({ to: number(1) })];
    const { waiting, knowledge } = await verify(texts);
    expect(waiting.size).toBe(0);
    expect(asked.sort()).toEqual([number(), number(1)]);
    for (const each of knowledge) expect(each).toMatchObject({ check: 'verified', ported: true, spid: '1234' });
    await kept().toMatchObject({ own: false, lookUp: { spid: '1234' } });
    // Somebody else's text, in another process: the record is fresh.
    expect((await verify([text({ acceptedAt: new Date(Date.now() + 1000) })])).knowledge[0]?.check).toBe('fresh');
    expect(asked).toHaveLength(2);
    expect(looked).toEqual(['answered', 'answered']);
    expect(added).toHaveLength(1);
  });

  test('that the database does not know is not asked for again and again', async () => {
    answer = () => undefined;
    expect((await verify([text()])).knowledge[0]).toEqual({ check: 'verified' });
    await kept().toMatchObject({ askedAt: expect.any(Date) });
    expect((await verify([text({ acceptedAt: new Date(Date.now() + 1000) })])).knowledge[0]).toEqual({
      check: 'fresh',
    });
    expect(asked).toHaveLength(1);
    expect(looked).toEqual(['number-unknown']);
  });

  test('whose look-up takes longer than 300 ms keeps no text waiting: the record is used and marked; the answer serves the next', async () => {
    const at = new Date(Date.now() - 9 * 24 * 3600_000);
    const old = { ported: false, spid: '5678', source: 'test', at };
    await own.store.numbers.insert(sampleNumber(own.store.vault, number(), { own: false, lookUp: old }));
    delayMs = 450;
    const begun = performance.now();
    const { knowledge } = await verify([text()]);
    expect(performance.now() - begun).toBeLessThan(440);
    expect(knowledge[0]).toEqual({ check: 'unverified', recordAt: at, ported: false, spid: '5678' });
    expect(looked).toEqual(['late']);
    await kept().toMatchObject({ lookUp: { spid: '1234' } });
    expect((await verify([text()])).knowledge[0]).toMatchObject({ spid: '1234', portedAt: expect.any(Date) });
    expect(asked).toHaveLength(1);
  });

  test('is asked for once when several bulks ask at the same time', async () => {
    delayMs = 20;
    const recipients = create();
    await Promise.all([verify([text()], recipients), verify([text()], recipients), verify([text()], recipients)]);
    expect(asked).toEqual([number()]);
  });

  test('of a text that failed like a port is suspected to move, for everyone', async () => {
    const failure = { code: 'recipient-unreachable', class: 'port-related', at: new Date(Date.now() - 500) };
    await verify([text({ status: 'retrying', lookUpFirst: true, failure })]);
    await kept().toMatchObject({ suspectedAt: expect.any(Date) });
  });

  test('that moved lately is known to have', async () => {
    const yesterday = new Date(Date.now() - 24 * 3600_000).toISOString();
    answer = () => ({
      ported: true,
      spid: '1234',
      portedAt: yesterday,
      source: 'test',
      at: new Date().toISOString(),
    });
    expect((await verify([text()])).knowledge[0]).toMatchObject({
      movedLately: true,
      portedAt: new Date(yesterday),
    });
  });
});

describe('many recipients', () => {
  const many = () => Array.from({ length: 120 }, (_, i) => text({ to: number(i) }));

  test('are asked for in admission, for as long as that may take; the rest together in an activity of its own', async () => {
    const texts = Array.from({ length: 450 }, (_, i) => text({ to: number(i) }));
    const recipients = create();
    delayMs = 150;
    const begun = performance.now();
    const first = await verify(texts, recipients);
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(asked.length).toBeGreaterThanOrEqual(50);
    const waiting = texts.filter(({ _id }) => first.waiting.has(_id));
    // 50 at a time, each 150 ms: after a second no more than 350.
    expect(waiting.length).toBeGreaterThanOrEqual(100);
    expect(asked).toHaveLength(450 - waiting.length);
    delayMs = 0;
    await recipients.verifyMany(waiting, await known(waiting));
    expect(new Set(asked).size).toBe(450);
    expect(asked).toHaveLength(450);
    const second = await verify(waiting, recipients, true);
    expect(second.waiting.size).toBe(0);
    for (const each of second.knowledge) expect(each.check).toBe('verified');
    expect(added).toHaveLength(2);
  });

  test('of a quick database are all asked for in admission, each once', async () => {
    const { waiting, knowledge } = await verify([...many(), text({ to: number(0) })]);
    expect(waiting.size).toBe(0);
    expect(asked).toHaveLength(120);
    expect(knowledge.every(({ check }) => check === 'verified')).toBe(true);
  });

  test('of several groups at a time are not all asked for at once', async () => {
    delayMs = 20;
    const recipients = create();
    const groups = [0, 1, 2, 3, 4, 5].map((group) =>
      Array.from({ length: 60 }, (_, i) => text({ to: number(60 * group + i) })),
    );
    await Promise.all(groups.map((group) => verify(group, recipients)));
    expect(asked).toHaveLength(360);
    expect(most).toBeGreaterThanOrEqual(50);
    expect(most).toBeLessThanOrEqual(130);
  });

  test('of a silent database are given up together, and their texts go, marked', async () => {
    silent = true;
    const texts = many();
    const recipients = create();
    await recipients.verifyMany(texts, await known(texts));
    // It is left alone after some silences in a row.
    expect(asked.length).toBeLessThan(120);
    expect(looked.filter((outcome) => outcome === 'not-tried').length).toBeGreaterThan(0);
    const { waiting, knowledge } = await verify(texts, recipients, true);
    expect(waiting.size).toBe(0);
    expect(knowledge.every(({ check }) => check === 'unverified')).toBe(true);
  });
});

test('without a database nobody is asked, and texts are marked so', async () => {
  const recipients = createRecipients({
    store: own.store,
    portability: { ...portability, name: 'none' },
    logger: pino({ enabled: false }),
  });
  expect((await verify([text()], recipients)).knowledge).toEqual([{ check: 'not-asked' }]);
  expect(asked).toEqual([]);
});

test('texts are counted by how well their recipients were known', () => {
  const recipients = create();
  recipients.count([
    { recipient: { check: 'fresh' } },
    { recipient: { check: 'fresh' } },
    { recipient: { check: 'unverified' } },
    {},
  ]);
  expect(checks).toEqual([
    ['fresh', 2],
    ['unverified', 1],
  ]);
});
