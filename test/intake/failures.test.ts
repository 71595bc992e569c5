import { pino } from 'pino';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createAdmissionActivities } from '../../activities/admission.ts';
import { createSubmissionActivities } from '../../activities/submission.ts';
import type { ReceiptEvent } from '../../carriers/carrier.ts';
import { keepFailures } from '../../intake/failures.ts';
import { createIntake } from '../../intake/intake.ts';
import type { MessageDocument } from '../../store/messages.ts';
import { openStore, type Store } from '../../store/store.ts';
import { FakeMessaging, fakeCarrier } from '../activities/fake-carrier.ts';
import { inWorkflow } from '../activities/in-workflow.ts';
import { limitsOf } from '../activities/limits-of.ts';
import { unverifiedRecipients } from '../activities/unverified-recipients.ts';
import { mongodbUri } from '../mongodb-uri.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleNumber, sampleText, type TextSample } from '../store/samples.ts';
import { RecordedEngine } from './recorded-engine.ts';

const own = ownStore();
const engine = new RecordedEngine();
const logger = pino({ enabled: false });
let messaging: FakeMessaging;
let carriers: Map<string, ReturnType<typeof fakeCarrier>>;
let count = 0;
let from = '';
let to = '';
let workflow = '';
beforeEach(async () => {
  count += 1;
  messaging = new FakeMessaging();
  messaging.idPrefix = `f${count}-`;
  carriers = new Map([
    ['alpha', fakeCarrier('alpha', { messaging })],
    ['telnyx', fakeCarrier('telnyx', { messaging, settings: { codes: 'telnyx', partIds: 'one' } })],
  ]);
  from = `+1202555${2000 + count}`;
  to = `+1202555${4000 + count}`;
  workflow = `messages/failures-${count}`;
  await own.store.numbers.insert(sampleNumber(own.store.vault, from));
});
const key = (number: string) => own.store.vault.numberKey(number);

/** Takes a text through admission and submission as a process of its own, whose caches are empty. */
async function send(rest: TextSample = {}, store: Store = own.store): Promise<MessageDocument> {
  const text = sampleText(own.store.vault, { from, to, ...rest });
  await own.store.messages.insert([text]);
  const intake = createIntake({ store, engine, carriers, logger });
  const admission = createAdmissionActivities({
    store,
    engine,
    carriers,
    recipients: unverifiedRecipients(own.store),
  });
  const submission = createSubmissionActivities({ store, intake, carriers, ...limitsOf(store, carriers) });
  return inWorkflow(`${workflow}/${text._id}`, async () => {
    let outlook = await admission.admit({ messageIds: [text._id], kind: text.kind });
    for (const carrier of outlook.carriers) outlook = await submission.submit({ carrier });
    if (outlook.reviewDue) await admission.review();
    await intake.idle();
    return (await store.messages.find(text._id)) as MessageDocument;
  });
}
const answering = (code: string) => {
  messaging.answer = () => [{ outcome: 'rejected', code }];
};
async function anotherProcess(): Promise<Store> {
  return openStore({ uri: mongodbUri(), database: own.raw.databaseName, secret: own.secret });
}

describe('a recipient who does not exist', () => {
  test('is looked up, and then spared: the next text to it is refused', async () => {
    answering('0x0B');
    expect(await send()).toMatchObject({ status: 'failed', attempts: [{ failure: { fault: 'recipient' } }] });
    expect(messaging.written).toHaveLength(1);
    expect(await send()).toMatchObject({ status: 'refused', failure: { code: 'recipient-suppressed' } });
    expect(messaging.written, 'nothing more was written').toHaveLength(1);
  });

  test('is spared by that kind of sender only', async () => {
    answering('0x0B');
    await send();
    carriers.set('alpha', fakeCarrier('alpha', { messaging, settings: { senders: ['72345'] } }));
    messaging.answer = () => [{ outcome: 'accepted', carrierMessageId: messaging.nextId() }];
    expect((await send({ from: '72345' })).status).toBe('submitted');
  });

  test('gets texts again after it has written, or consented anew', async () => {
    answering('0x0B');
    await send();
    await own.store.inboundTexts.insert({
      _id: `in_${count}`,
      carrier: 'alpha',
      fromKey: key(to),
      from: own.store.vault.seal(to),
      toKey: key(from),
      to: own.store.vault.seal(from),
      text: own.store.vault.seal('Hi'),
      receivedAt: new Date(),
    });
    expect(await send()).toMatchObject({ status: 'failed' });
    expect(await send()).toMatchObject({ status: 'refused' });
    await own.store.consents.append({
      _id: `con_failures_${count}`,
      type: 'granted',
      subjectKey: key(to),
      basis: 'express',
      source: 'api',
      at: new Date(),
      evidence: own.store.vault.seal('{}'),
    });
    expect(await send()).toMatchObject({ status: 'failed' });
  });

  test.each([
    ['a wrong sender', '0x0A'],
    ['a carrier that rejects without a reason', '0x66'],
  ])('is not what is at fault: %s', async (_, code) => {
    answering(code);
    await send();
    expect(await own.store.suppressions.ofSubjects([key(to)])).toEqual([]);
  });
});

describe('a sender that a carrier refuses', () => {
  const told = async (subject: string) =>
    (await own.store.timeline.list(subject)).map(({ type, detail, numberKey }) => [type, detail, numberKey]);

  test('is told to its owner, once a day however many of its texts fail and whoever sees it', async () => {
    answering('0x0A');
    const other = await anotherProcess();
    expect(await send()).toMatchObject({ status: 'failed', failure: { class: 'sender-fault' } });
    await send();
    await send({}, other);
    await other.close();
    expect(await told(key(from))).toEqual([
      [
        'number.sender-refused',
        'alpha takes no texts from the number: sender-not-accepted (its code 0x0A).',
        key(from),
      ],
    ]);
  });

  test('is told by the timeline of its last port; what is wrong with a request is not', async () => {
    const portId = `port_refused_${count}`;
    const ported = { portId, at: new Date(), from: 'beta', to: 'alpha' };
    await own.store.numbers.change(key(from), 1, { routing: { state: 'settled', carrier: 'alpha' } }, ported);
    answering('0x01');
    expect(await send()).toMatchObject({
      failure: { class: 'sender-fault' },
      attempts: [{ failure: { fault: 'request' } }],
    });
    expect(await told(portId)).toEqual([]);
    answering('0x0A');
    await send();
    expect(await told(portId)).toHaveLength(1);
  });
});

describe('texts that a carrier blocks', () => {
  test('stop their sender at once when it is not registered: neither sent again nor by another route', async () => {
    await own.store.numbers.change(key(from), 1, { routing: { state: 'settled', carrier: 'telnyx' } });
    answering('40010');
    expect(await send()).toMatchObject({ status: 'failed', failure: { class: 'spam' } });
    expect(await send({ kind: 'otp' })).toMatchObject({ status: 'refused', failure: { code: 'campaign-stopped' } });
    expect(messaging.written).toHaveLength(1);
    const [told, ...more] = await own.store.timeline.list(
      own.store.vault.deriveId('cst', `telnyx/sender/${key(from)}/all`),
    );
    expect(more).toEqual([]);
    expect(told).toMatchObject({ type: 'campaign.stopped', by: { carrier: 'telnyx' }, numberKey: key(from) });
    expect(told?.detail).toMatch(
      /^All texts of the sender are refused until 20.*Z: telnyx blocks them, .*\(its code 40010\)\.$/,
    );
  });

  test('are entered by one write, however many are blocked at a time', async () => {
    await own.store.numbers.change(key(from), 1, { routing: { state: 'settled', carrier: 'telnyx' } });
    const enter = vi.spyOn(own.store.campaignStops, 'enter');
    const texts = [1, 2, 3].map((each) => {
      const attempt = { carrier: 'telnyx', token: 't', claimedAt: new Date(), workflowId: 'w', runId: 'r' };
      const failure = { code: 'filtered', class: 'spam', at: new Date() };
      return sampleText(own.store.vault, { from, to: `${to}${each}`, status: 'failed', failure, attempts: [attempt] });
    });
    const append = vi.spyOn(own.store.timeline, 'append').mockRejectedValueOnce(new Error('The store is down.'));
    await expect(keepFailures(texts, { store: own.store, carriers })).rejects.toThrow('The store is down.');
    expect(enter).toHaveBeenCalledTimes(1);
    await keepFailures(texts, { store: own.store, carriers });
    const stop = own.store.vault.deriveId('cst', `telnyx/sender/${key(from)}/transactional`);
    expect(await own.store.timeline.list(stop), 'what could not be told is told the next time').toHaveLength(1);
    append.mockRestore();
    expect(await send()).toMatchObject({ status: 'refused', failure: { code: 'campaign-stopped' } });
    enter.mockRestore();
  });

  test('stop texts of their kind when it is their content, in every process, until it is ended', async () => {
    await own.store.numbers.change(key(from), 1, { routing: { state: 'settled', carrier: 'telnyx' } });
    answering('40003');
    const other = await anotherProcess();
    for (let each = 0; each < 3; each++) expect(await send()).toMatchObject({ status: 'failed' });
    expect(await send({}, other)).toMatchObject({ status: 'refused', failure: { code: 'campaign-stopped' } });
    messaging.answer = () => [{ outcome: 'accepted', carrierMessageId: messaging.nextId() }];
    expect((await send({ kind: 'conversational' })).status).toBe('submitted');
    const [id = ''] = [...(await own.store.campaignStops.open()).keys()].filter((each) => each.includes(key(from)));
    expect(await own.store.campaignStops.end(id)).toBe(true);
    expect((await send()).status).toBe('submitted');
    await other.close();
  });

  test('stop all numbers of their campaign, and those texts that were admitted before', async () => {
    const settings = { codes: 'telnyx', partIds: 'one', campaignId: `C${count}` } as const;
    carriers.set('telnyx', fakeCarrier('telnyx', { messaging, settings }));
    await own.store.numbers.change(key(from), 1, { routing: { state: 'settled', carrier: 'telnyx' } });
    const admitted = sampleText(own.store.vault, {
      from,
      to,
      status: 'queued',
      workflowId: workflow,
      route: {
        carrier: 'telnyx',
        sender: { key: key(from), version: 2 },
        viaStandby: false,
        proves: false,
        reason: 'settled',
      },
    });
    await own.store.messages.insert([admitted]);
    answering('40010');
    await send();
    const intake = createIntake({ store: own.store, engine, carriers, logger });
    const { submit } = createSubmissionActivities({
      store: own.store,
      intake,
      carriers,
      ...limitsOf(own.store, carriers),
    });
    await inWorkflow(workflow, () => submit({ carrier: 'telnyx' }));
    expect(messaging.written).toHaveLength(1);
    expect(await own.store.messages.find(admitted._id)).toMatchObject({
      status: 'refused',
      failure: { code: 'campaign-stopped' },
      attempts: [],
    });
  });
});

describe('a code that no table has', () => {
  test('is shown raw, noted, and taken for temporary once; then for what an operator says of it', async () => {
    answering('0x4ff');
    expect(await send()).toMatchObject({ status: 'retrying', failure: { class: 'unknown', carrierCode: '0x4ff' } });
    expect(await own.store.deliveryCodes.listUnknown(5)).toMatchObject([
      { vocabulary: 'smpp', code: '0x4ff', carrier: 'alpha' },
    ]);
    await own.store.deliveryCodes.saveRuling(
      {
        vocabulary: 'smpp',
        code: '0x4ff',
        ours: 'request-not-accepted',
        class: 'sender-fault',
        portRelated: false,
        fault: 'request',
        meaning: 'The vendor wants another alphabet.',
      },
      new Date(),
    );
    expect(await send()).toMatchObject({ status: 'failed', failure: { code: 'request-not-accepted' } });
  });

  test('in a receipt is noted as well, also where the state stands in for it', async () => {
    const text = await send();
    const intake = createIntake({ store: own.store, engine, carriers, logger });
    const receipt: ReceiptEvent = {
      type: 'receipt',
      eventId: `e-${count}`,
      at: new Date().toISOString(),
      raw: '{}',
      carrierMessageId: text.attempts[0]?.parts?.[0]?.carrierMessageId ?? '',
      state: 'UNDELIV',
      code: '0987',
    };
    await intake.receive('alpha', [receipt]);
    await intake.idle();
    const codes = await own.store.deliveryCodes.listUnknown(5);
    expect(codes.map(({ code }) => code)).toContain('987');
  });
});
