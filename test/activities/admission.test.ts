import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { createAdmissionActivities } from '../../activities/admission.ts';
import type { Outlook } from '../../activities/interfaces.ts';
import { createRecipients } from '../../activities/recipients.ts';
import { windowKey } from '../../domain/lifecycle/window-key.ts';
import type { Attempt, PartProgress } from '../../domain/message-progress.ts';
import type { PortabilityRecord } from '../../npdb/portability-database.ts';
import type { ConsentDocument } from '../../store/consents.ts';
import type { MessageDocument } from '../../store/messages.ts';
import type { NumberRouting } from '../../store/numbers.ts';
import { openStore, type Store } from '../../store/store.ts';
import { placeWhereItIs } from '../domain/jurisdictions/zone-by-hour.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { mongodbUri } from '../mongodb-uri.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleNumber, sampleText, type TextSample } from '../store/samples.ts';
import { fakeCarrier } from './fake-carrier.ts';
import { inWorkflow } from './in-workflow.ts';

const own = ownStore();
const engine = new RecordedEngine();
const carriers = new Map([
  ['alpha', fakeCarrier('alpha', { settings: { senders: ['72345'] } })],
  ['beta', fakeCarrier('beta')],
  ['telnyx', fakeCarrier('telnyx', { settings: { codes: 'telnyx' } })],
]);

/** What the portability database says, by number. */
const database = new Map<string, PortabilityRecord>();
/** How long it takes. */
let lookUpMs = 0;

function activities(store: Store = own.store) {
  const recipients = createRecipients({
    store,
    portability: {
      name: 'test',
      lookUp: async (phoneNumber) => {
        if (lookUpMs > 0) await sleep(lookUpMs);
        return database.get(phoneNumber);
      },
    },
    logger: pino({ enabled: false }),
  });
  return createAdmissionActivities({ store, engine, carriers, recipients });
}

let count = 0;
let from = '';
let to = '';
let workflow = '';
beforeEach(() => {
  engine.failure = undefined;
  engine.clear();
  // Parties and a workflow that no other test knows.
  count += 1;
  from = `+1202555${2000 + count}`;
  to = `+1202555${4000 + count}`;
  workflow = `messages/${count}`;
});
const key = (number: string) => own.store.vault.numberKey(number);
const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000);
const inSeconds = (seconds: number) => secondsAgo(-seconds);

async function registerSender(routing: NumberRouting = { state: 'settled', carrier: 'alpha' }, standbyKey?: string) {
  const number = sampleNumber(own.store.vault, from, { routing, ...(standbyKey && { standbyKey }) });
  await own.store.numbers.insert(number);
  return number;
}

const moving = (rest: { activated?: boolean; losing?: string } = {}): NumberRouting => ({
  state: 'uncertain',
  portId: 'port_1',
  losing: 'alpha',
  gaining: 'telnyx',
  since: secondsAgo(60),
  activated: false,
  ...rest,
});

async function storeText(rest: TextSample = {}): Promise<MessageDocument> {
  const text = sampleText(own.store.vault, { from, to, ...rest });
  await own.store.messages.insert([text]);
  return text;
}

const admit = (texts: readonly MessageDocument[], store?: Store): Promise<Outlook> =>
  inWorkflow(workflow, () =>
    activities(store).admit({ messageIds: texts.map(({ _id }) => _id), kind: texts[0]?.kind ?? 'transactional' }),
  );
const review = (store?: Store): Promise<Outlook> => inWorkflow(workflow, () => activities(store).review());

async function stored(text: MessageDocument): Promise<MessageDocument> {
  const found = await own.store.messages.find(text._id);
  if (!found) throw new Error('The text is not in the store.');
  return found;
}

function consent(rest: Partial<ConsentDocument>): ConsentDocument {
  count += 1;
  return {
    _id: `con_${count}`,
    type: 'granted',
    subjectKey: key(to),
    basis: 'express-written',
    source: 'api',
    at: secondsAgo(60),
    evidence: own.store.vault.seal('{}'),
    ...rest,
  };
}

describe('a text', () => {
  test('whose sender is settled is queued for its carrier, under the version of the number', async () => {
    await registerSender();
    const text = await storeText();
    expect(await admit([text])).toMatchObject({ open: 1, carriers: ['alpha'], reviewDue: false });
    expect(await stored(text)).toMatchObject({
      status: 'queued',
      workflowId: workflow,
      runId: `run of ${workflow}`,
      route: { carrier: 'alpha', sender: { key: key(from), version: 1 }, viaStandby: false, proves: false },
    });
  });

  test('of a short code goes by the carrier that has registered it', async () => {
    const text = await storeText({ from: '72345' });
    await admit([text]);
    expect((await stored(text)).route).toMatchObject({ carrier: 'alpha', sender: { version: 0 } });
  });

  test('is refused when nobody carries its sender, or no longer does', async () => {
    const unknown = await storeText({ from: '99999' });
    await registerSender({ state: 'gone' });
    const gone = await storeText();
    expect(await admit([unknown, gone])).toMatchObject({ open: 0, carriers: [] });
    for (const text of [unknown, gone]) {
      expect(await stored(text)).toMatchObject({ status: 'refused', failure: { code: 'sender-gone' } });
    }
  });

  test('that is over before it is admitted has expired', async () => {
    await registerSender();
    const text = await storeText({ expiresAt: secondsAgo(1) });
    expect((await admit([text])).open).toBe(0);
    expect(await stored(text)).toMatchObject({ status: 'expired', failure: { code: 'validity-over' } });
  });

  test('is admitted by one of the workflows that were started for it (invariant 4)', async () => {
    await registerSender();
    const texts = await Promise.all(Array.from({ length: 20 }, () => storeText()));
    const messageIds = texts.map(({ _id }) => _id);
    const workflows = Array.from({ length: 4 }, (_, i) => `${workflow}/${i}`);
    const outlooks = await Promise.all(
      workflows.map((id) => inWorkflow(id, () => activities().admit({ messageIds, kind: 'transactional' }))),
    );
    expect(outlooks.reduce((sum, { open }) => sum + open, 0)).toBe(20);
    for (const text of await own.store.messages.findMany(messageIds))
      expect(text).toMatchObject({ status: 'queued', rev: 1 });
    // Started again, or its activity run again: the same texts, unchanged.
    const again = await inWorkflow(workflows[0] ?? '', () => activities().admit({ messageIds, kind: 'transactional' }));
    expect(again).toEqual(outlooks[0]);
  });
});

describe('permission', () => {
  test('marketing needs consent on record, and gets it only for its own sender', async () => {
    await registerSender();
    const daytime = { kind: 'marketing', places: placeWhereItIs(12) } as const;
    const without = await storeText(daytime);
    await admit([without]);
    expect(await stored(without)).toMatchObject({ status: 'refused', failure: { code: 'consent-missing' } });

    await own.store.consents.append(consent({ senderKey: 'num_another' }));
    const forAnother = await storeText(daytime);
    await admit([forAnother]);
    expect((await stored(forAnother)).status).toBe('refused');

    await own.store.consents.append(consent({ senderKey: key(from) }));
    const permitted = await storeText(daytime);
    await admit([permitted]);
    expect(await stored(permitted)).toMatchObject({
      status: 'queued',
      permission: { decision: 'send', deliverBy: expect.any(Date), weighed: expect.any(Array) },
    });
  });

  test('marketing at night waits for the morning under the key of that moment, and is refused when it can’t live so long', async () => {
    await registerSender();
    await own.store.consents.append(consent({}));
    const night = { kind: 'marketing', places: placeWhereItIs(3) } as const;
    const patient = await storeText({ ...night, expiresAt: inSeconds(12 * 3600) });
    const urgent = await storeText({ ...night, expiresAt: inSeconds(3600) });
    expect(await admit([patient, urgent])).toMatchObject({ open: 0, carriers: [] });
    const held = await stored(patient);
    const until = held.hold?.until;
    expect(held).toMatchObject({
      status: 'held',
      hold: { code: 'quiet-hours' },
      permission: { decision: 'wait', until },
    });
    const key = windowKey(until as Date);
    expect(held.hold?.key).toBe(key);
    expect(until?.getTime()).toBeGreaterThan(inSeconds(4 * 3600 - 5).getTime());
    expect(until?.getTime()).toBeLessThanOrEqual(inSeconds(5 * 3600).getTime());
    expect(engine.told).toEqual([['held', key, patient.expiresAt.toISOString()]]);
    expect(await stored(urgent)).toMatchObject({
      status: 'refused',
      failure: { code: 'quiet-hours' },
      permission: {
        decision: 'refuse',
        weighed: expect.arrayContaining([expect.objectContaining({ says: 'refuse' })]),
      },
    });
    // Passwords have no hours.
    const code = await storeText({ ...night, kind: 'otp' });
    await admit([code]);
    expect((await stored(code)).status).toBe('queued');
  });

  test('a cap counts each text once, however often it is admitted, over all senders (invariant 11)', async () => {
    await registerSender();
    await own.store.consents.append(consent({}));
    // Florida, where it is noon now.
    const florida = { kind: 'marketing', places: { ...placeWhereItIs(12), places: ['US-FL'] } } as const;
    const texts = await Promise.all(Array.from({ length: 2 }, () => storeText(florida)));
    await admit(texts);
    await own.store.messages.change(
      texts.map(({ _id }) => _id),
      () => ({ status: 'retrying', retryAt: secondsAgo(1) }),
    );
    await review();
    expect((await Promise.all(texts.map(stored))).map(({ status }) => status)).toEqual(['queued', 'queued']);
    from = `${from}5`;
    await registerSender();
    const [third, fourth] = [await storeText(florida), await storeText(florida)];
    await admit([third]);
    await admit([fourth]);
    expect(await stored(third)).toMatchObject({ status: 'queued' });
    expect(await stored(fourth)).toMatchObject({ status: 'refused', failure: { code: 'cap-reached' } });
  });

  test('a cap does not count what was refused or held for another reason', async () => {
    await registerSender({ state: 'settled', textsRemoved: true });
    await own.store.consents.append(consent({}));
    const florida = { kind: 'marketing', places: { ...placeWhereItIs(12), places: ['US-FL'] } } as const;
    const refused = await Promise.all(Array.from({ length: 3 }, () => storeText(florida)));
    await admit(refused);
    expect((await stored(refused[0] as MessageDocument)).failure?.code).toBe('texts-removed');
    from = `+1202555${3000 + count}`;
    await registerSender(moving());
    const held = await Promise.all(Array.from({ length: 3 }, () => storeText(florida)));
    await admit(held);
    expect((await stored(held[0] as MessageDocument)).hold?.code).toBe('sender-uncertain');
    from = `+1202555${1000 + count}`;
    await registerSender();
    const sent = await Promise.all(Array.from({ length: 3 }, () => storeText(florida)));
    await admit(sent);
    expect((await Promise.all(sent.map(stored))).map(({ status }) => status)).toEqual(['queued', 'queued', 'queued']);
  });

  test('of texts that two workers admit at once, of several senders, no more leave than the cap allows', async () => {
    const other = await openStore({ uri: mongodbUri(), database: own.raw.databaseName, secret: own.secret });
    try {
      await own.store.consents.append(consent({}));
      const places = { ...placeWhereItIs(12), places: ['US-OK'] };
      const senders = [from, `+1202555${3000 + count}`];
      for (from of senders) await registerSender();
      const texts = await Promise.all(
        Array.from({ length: 8 }, (_, i) => storeText({ kind: 'marketing', places, from: senders[i % 2] ?? from })),
      );
      await Promise.all(
        texts.map((text, i) =>
          inWorkflow(`${workflow}/${i}`, () =>
            activities(i < 4 ? own.store : other).admit({ messageIds: [text._id], kind: 'marketing' }),
          ),
        ),
      );
      const statuses = (await Promise.all(texts.map(stored))).map(({ status }) => status);
      expect(statuses.filter((status) => status === 'queued')).toHaveLength(3);
      expect(statuses.filter((status) => status === 'refused')).toHaveLength(5);
    } finally {
      await other.close();
    }
  });

  test('the wording is read where the law wants the sender named and a way to end it', async () => {
    const sender = await registerSender();
    await own.store.consents.append(consent({}));
    // British law beside American hours.
    const british = { kind: 'marketing', places: { ...placeWhereItIs(12), places: ['US', 'GB'] } } as const;
    const unnamed = await storeText({ ...british, text: 'Northwind has boots. STOP to end.' });
    await admit([unnamed]);
    expect(await stored(unnamed)).toMatchObject({ status: 'refused', failure: { code: 'sender-not-named' } });
    await own.store.numbers.change(sender._id, 1, { brand: own.store.vault.seal('Northwind') });
    const [named, endless] = [
      await storeText({ ...british, text: 'Northwind has boots. STOP to end.' }),
      await storeText({ ...british, text: 'Northwind has boots.' }),
    ];
    await admit([named, endless]);
    expect(await stored(named)).toMatchObject({ status: 'queued' });
    expect(await stored(endless)).toMatchObject({ status: 'refused', failure: { code: 'opt-out-not-offered' } });
  });

  test('who has opted out gets nothing but the confirmation of it', async () => {
    await registerSender();
    const revocation = consent({ type: 'revoked', basis: 'opt-out' });
    await own.store.consents.append(revocation);
    const otp = await storeText({ kind: 'otp' });
    const confirmation = await storeText({ kind: 'conversational', confirmsRevocation: revocation._id });
    await admit([otp]);
    await admit([confirmation]);
    expect(await stored(otp)).toMatchObject({ status: 'refused', failure: { code: 'recipient-opted-out' } });
    expect((await stored(confirmation)).status).toBe('queued');
  });
});

describe("while its sender's routing is uncertain", () => {
  test('a text waits in the store, and the hold workflow is told when the first of them expires', async () => {
    await registerSender(moving());
    const late = await storeText({ kind: 'conversational', expiresAt: inSeconds(500) });
    const early = await storeText({ kind: 'conversational', expiresAt: inSeconds(100) });
    expect(await admit([late, early])).toMatchObject({ open: 0, carriers: [], reviewDue: false });
    expect(await stored(late)).toMatchObject({ status: 'held', hold: { key: key(from), code: 'sender-uncertain' } });
    expect(engine.told).toEqual([['held', key(from), early.expiresAt.toISOString()]]);
  });

  test('a text to it waits, too, unless it is urgent', async () => {
    const sender = await registerSender();
    await own.store.numbers.insert(sampleNumber(own.store.vault, to, { routing: moving() }));
    const chat = await storeText({ kind: 'conversational' });
    const code = await storeText({ kind: 'otp' });
    await admit([chat]);
    await admit([code]);
    expect(await stored(chat)).toMatchObject({ status: 'held', hold: { key: key(to), code: 'recipient-uncertain' } });
    expect(await stored(code)).toMatchObject({ status: 'queued', route: { sender: { key: sender._id } } });
  });

  test('an urgent one goes by the standby sender', async () => {
    const standby = sampleNumber(own.store.vault, `${from}9`, {
      routing: { state: 'settled', carrier: 'beta' },
      version: 4,
    });
    await own.store.numbers.insert(standby);
    await registerSender(moving({ activated: true }), standby._id);
    const text = await storeText({ kind: 'otp' });
    await admit([text]);
    expect((await stored(text)).route).toMatchObject({
      carrier: 'beta',
      sender: { key: standby._id, version: 4 },
      viaStandby: true,
      proves: false,
    });
  });

  test('without one it goes by the losing carrier until voice has moved, then by the gaining one', async () => {
    const { _id } = await registerSender(moving());
    const before = await storeText();
    await admit([before]);
    expect((await stored(before)).route).toMatchObject({ carrier: 'alpha', proves: false });
    await own.store.numbers.change(_id, 1, { routing: moving({ activated: true }) });
    const after = await storeText();
    await admit([after]);
    expect((await stored(after)).route).toMatchObject({ carrier: 'telnyx', proves: true, sender: { version: 2 } });
  });

  test('from the agreed date on it does not go by the losing carrier, though nobody was there to note that the date has come', async () => {
    for (const routing of [undefined, moving()]) {
      from = `+1202555${1000 + count}`;
      const { _id } = await registerSender(routing);
      const focAt = inSeconds(2);
      await own.store.numbers.planMove([_id], { portId: 'port_1', losing: 'alpha', gaining: 'telnyx', focAt });
      const before = await storeText();
      await admit([before]);
      expect((await stored(before)).route).toMatchObject({ carrier: 'alpha', until: focAt });
      await sleep(focAt.getTime() - Date.now() + 1);
      const after = [await storeText(), await storeText({ kind: 'conversational' })];
      await admit(after);
      expect(await stored(after[0] as MessageDocument)).toMatchObject({
        status: 'queued',
        route: { carrier: 'telnyx' },
      });
      expect(await stored(after[1] as MessageDocument)).toMatchObject({ status: 'held' });
      // What was admitted before and is still here is decided about again.
      await review();
      expect((await stored(before)).route).toMatchObject({ carrier: 'telnyx', proves: true, uncertain: true });
    }
  });

  test('a held text is announced even if the engine was away, or the process died, when it was held (invariants 3 and 6)', async () => {
    await registerSender(moving());
    const text = await storeText({ kind: 'conversational' });
    engine.failure = new Error('the engine is away');
    await expect(admit([text])).rejects.toThrow('the engine is away');
    expect((await stored(text)).status).toBe('held');
    engine.failure = undefined;
    expect((await admit([text])).open).toBe(0);
    expect(engine.told).toEqual([['held', key(from), text.expiresAt.toISOString()]]);
  });

  test('the same for a text that was held when its route had become stale', async () => {
    const { _id } = await registerSender();
    const text = await storeText({ kind: 'conversational' });
    await admit([text]);
    await own.store.numbers.change(_id, 1, { routing: moving() });
    engine.failure = new Error('the engine is away');
    await expect(review()).rejects.toThrow('the engine is away');
    expect((await stored(text)).status).toBe('held');
    engine.failure = undefined;
    expect((await review()).open).toBe(0);
    expect(engine.told).toEqual([['held', key(from), text.expiresAt.toISOString()]]);
  });
});

test('a text whose number moves while it is being admitted is decided about again (invariant 6)', async () => {
  const { _id } = await registerSender();
  const text = await storeText({ kind: 'conversational' });
  let moved = false;
  const numbers = {
    ...own.store.numbers,
    // Somebody begins the cutover between reading the number and writing the route.
    findMany: async (keys: readonly string[]) => {
      const found = await own.store.numbers.findMany(keys);
      if (!moved) await own.store.numbers.change(_id, 1, { routing: moving() });
      moved = true;
      return found;
    },
  };
  await admit([text], { ...own.store, numbers });
  expect(await stored(text)).toMatchObject({ status: 'held', hold: { code: 'sender-uncertain' } });
  expect(engine.callsOf('held')).toHaveLength(1);
});

describe('a review', () => {
  const attempt = (parts: readonly PartProgress[] | undefined, rest: Partial<Attempt> = {}): Attempt => ({
    carrier: 'alpha',
    token: `clm_${count}`,
    claimedAt: secondsAgo(20),
    workflowId: workflow,
    runId: 'r',
    ...(parts && { parts, answeredAt: secondsAgo(19) }),
    ...rest,
  });
  const mine = (rest: TextSample) => storeText({ workflowId: workflow, ...rest });
  const accepted: PartProgress = { outcome: 'accepted', carrierMessageId: 'm1' };

  test('sends again what is due, and leaves alone what is not', async () => {
    await registerSender();
    const due = await mine({ status: 'retrying', retryAt: secondsAgo(1), attempts: [attempt([accepted])] });
    const later = await mine({ status: 'retrying', retryAt: inSeconds(60), attempts: [attempt([accepted])] });
    const outlook = await review();
    expect(outlook).toMatchObject({ open: 2, carriers: ['alpha'], reviewDue: false });
    expect(outlook.nextAt).toBe(later.retryAt?.toISOString());
    expect(await stored(due)).toMatchObject({ status: 'queued' });
    expect(await stored(due)).not.toHaveProperty('retryAt');
    expect((await stored(later)).status).toBe('retrying');
  });

  test('ends what never got an answer or a receipt as unknown, after its validity and a grace; it is never sent again', async () => {
    await registerSender();
    const silent = await mine({ status: 'claimed', attempts: [attempt(undefined)], expiresAt: secondsAgo(31) });
    const unreported = await mine({ status: 'submitted', attempts: [attempt([accepted])], expiresAt: secondsAgo(31) });
    const graced = await mine({ status: 'claimed', attempts: [attempt(undefined)], expiresAt: secondsAgo(29) });
    expect(await review()).toMatchObject({ open: 1, carriers: [] });
    for (const text of [silent, unreported]) {
      expect(await stored(text)).toMatchObject({ status: 'unknown', failure: { code: 'no-receipt' } });
    }
    expect((await stored(graced)).status).toBe('claimed');
  });

  test('sends what was never answered again only for callers that allowed a duplicate, and only when no answer can come', async () => {
    await registerSender();
    const allowed = await mine({ status: 'claimed', attempts: [attempt(undefined)], allowDuplicate: true });
    const waiting = await mine({
      status: 'claimed',
      attempts: [attempt(undefined, { claimedAt: secondsAgo(5) })],
      allowDuplicate: true,
    });
    const forbidden = await mine({ status: 'claimed', attempts: [attempt(undefined)] });
    await review();
    expect((await stored(allowed)).status).toBe('queued');
    expect((await stored(waiting)).status).toBe('claimed');
    expect((await stored(forbidden)).status).toBe('claimed');
  });

  test('believes «no such number» only when the portability database does not say that it has moved', async () => {
    await registerSender();
    const failure = { code: 'recipient-unknown', class: 'permanent', carrierCode: '001', at: secondsAgo(1) };
    const failed = (number: string) =>
      mine({
        to: number,
        status: 'retrying',
        retryAt: secondsAgo(1),
        lookUpFirst: true,
        failure,
        attempts: [attempt([{ ...accepted, state: 'UNDELIV', code: '001' }])],
      });
    const [stayed, ported] = [`${to}1`, `${to}2`];
    for (const [number, spid] of [
      [stayed, '5678'],
      [ported, '1234'],
    ] as const) {
      const known = { ported: true, spid, source: 'enum', at: secondsAgo(3600) };
      await own.store.numbers.insert(sampleNumber(own.store.vault, number, { own: false, lookUp: known }));
    }
    const [dead, moved] = [await failed(stayed), await failed(ported)];
    // The database is asked now.
    const answer = { ported: true, spid: '5678', source: 'enum', at: new Date().toISOString() };
    for (const number of [stayed, ported]) database.set(number, answer);
    await review();
    expect(await stored(dead)).toMatchObject({ status: 'failed', failure });
    expect((await stored(moved)).status).toBe('queued');
    expect((await own.store.numbers.find(key(ported)))?.lookUp).toMatchObject({
      spid: '5678',
      changedAt: expect.any(Date),
    });
  });

  test('looks up in an activity of its own whom there was no time for: till then their texts wait, with those of others decided', async () => {
    await registerSender();
    const known = { ported: false, spid: '5678', source: 'enum', at: secondsAgo(60) };
    await own.store.numbers.insert(sampleNumber(own.store.vault, to, { own: false, lookUp: known }));
    const decided = await storeText();
    const unknown = Array.from({ length: 450 }, (_, i) => sampleText(own.store.vault, { from, to: `${to}${100 + i}` }));
    await own.store.messages.insert(unknown);
    lookUpMs = 150;
    expect(await admit([decided, ...unknown])).toMatchObject({ open: 451, carriers: ['alpha'], lookUpsDue: true });
    lookUpMs = 0;
    expect((await stored(decided)).recipient).toEqual({
      check: 'fresh',
      recordAt: known.at,
      ported: false,
      spid: '5678',
    });
    const texts = () => own.store.messages.findMany(unknown.map(({ _id }) => _id));
    const undecided = (await texts()).filter(({ status }) => status === 'accepted');
    // 50 at a time, each 150 ms: after a second no more than 350.
    expect(undecided.length).toBeGreaterThanOrEqual(100);
    expect(undecided.length).toBeLessThanOrEqual(400);
    expect(undecided.every(({ workflowId }) => workflowId === workflow)).toBe(true);
    await inWorkflow(workflow, () => activities().verifyRecipients());
    const outlook = await inWorkflow(workflow, () => activities().review({ lookedUp: true }));
    expect(outlook).toMatchObject({ open: 451, carriers: ['alpha'], reviewDue: false });
    expect(outlook).not.toHaveProperty('lookUpsDue');
    for (const { status, recipient } of await texts())
      expect([status, recipient?.check]).toEqual(['queued', 'verified']);
  });

  test.each([
    ['send', 'queued'],
    ['flag', 'queued'],
    ['refuse', 'refused'],
  ] as const)('to a recipient whose number moved lately: policy %s', async (recentPortPolicy, status) => {
    await registerSender();
    database.set(to, {
      ported: true,
      spid: '1234',
      portedAt: secondsAgo(3600).toISOString(),
      source: 'enum',
      at: new Date().toISOString(),
    });
    const text = await storeText({ kind: 'otp', recentPortPolicy });
    await admit([text]);
    expect(await stored(text)).toMatchObject({
      status,
      recipient: { check: 'verified', movedLately: true, portedAt: expect.any(Date) },
      ...(status === 'refused' && { failure: { code: 'recipient-ported-recently', class: 'refused' } }),
    });
  });

  test('does not take back a text that has left for another workflow', async () => {
    await registerSender();
    const text = await mine({ status: 'retrying', retryAt: secondsAgo(1), attempts: [attempt([accepted])] });
    const messages = {
      ...own.store.messages,
      // Between its reading and its decision another workflow gets the text.
      ofWorkflow: async (id: string) => {
        const found = await own.store.messages.ofWorkflow(id);
        await own.store.messages.change([text._id], () => ({ workflowId: 'messages/other' }));
        return found;
      },
    };
    await review({ ...own.store, messages });
    expect(await stored(text)).toMatchObject({ status: 'retrying', workflowId: 'messages/other' });
  });
});
