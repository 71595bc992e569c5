import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { createAdmissionActivities } from '../../activities/admission.ts';
import { createCutoverActivities } from '../../activities/cutover.ts';
import type { CutoverActivities } from '../../activities/interfaces.ts';
import { registerProbes } from '../../activities/probes.ts';
import type { CampaignAnswer, InboundEvent } from '../../carriers/carrier.ts';
import { CarrierUnavailable } from '../../carriers/errors.ts';
import { takeInboundTexts } from '../../intake/inbound.ts';
import type { MessageDocument } from '../../store/messages.ts';
import type { NumberDocument } from '../../store/numbers.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleNumber, samplePort, sampleText } from '../store/samples.ts';
import { assessInput, beginInput } from './cutover-inputs.ts';
import { fakeCarrier } from './fake-carrier.ts';
import { inWorkflow } from './in-workflow.ts';
import { unverifiedRecipients } from './unverified-recipients.ts';

const own = ownStore();
const engine = new RecordedEngine();
const logger = pino({ enabled: false });
const portId = 'port_1';
/** Numbers of ours: one at alpha, one at a carrier of the gaining one's own network, one in another country. */
const atAlpha = '+13125550178';
const atHome = '+17735550178';
const british = '+442079460098';

/** What the gaining carrier says of the campaign. */
let campaign: CampaignAnswer | Error = 'pending';
let attached: string[][] = [];
const carriers = new Map(
  [
    fakeCarrier('alpha', { settings: { probes: [atAlpha] } }),
    fakeCarrier('beta', { settings: { probes: [british] } }),
    fakeCarrier('telnyx', {
      settings: { spids: ['073H'] },
      campaigns: {
        attach: async (...asked) => {
          attached.push(asked);
          if (campaign instanceof Error) throw campaign;
          return campaign;
        },
      },
    }),
    fakeCarrier('telnyx-second-account', { settings: { network: 'telnyx', probes: [atHome] } }),
  ].map((carrier) => [carrier.settings.id, carrier]),
);
const cutovers = () =>
  createCutoverActivities({
    store: own.store,
    engine,
    carriers,
    lookUps: { lookUp: async () => undefined, refresh: async () => undefined },
    logger,
  });

let count = 0;
let from = '';
let numberKey = '';
const soon = new Date(Date.now() + 60_000).toISOString();

beforeEach(async () => {
  engine.clear();
  campaign = 'pending';
  attached = [];
  count += 1;
  from = `+1202555${3000 + count}`;
  numberKey = own.store.vault.numberKey(from);
  await own.store.numbers.insert(sampleNumber(own.store.vault, from));
  await registerProbes(own.store, carriers, logger);
  await begin();
});

const begin = () => cutovers().beginUncertainty(beginInput(portId, numberKey));
const assess = (moved = true, rest: Parameters<typeof assessInput>[2] = {}) =>
  cutovers().assess(assessInput(portId, numberKey, { moved, ...rest }));

async function number(phoneNumber = from): Promise<NumberDocument> {
  const found = await own.store.numbers.find(own.store.vault.numberKey(phoneNumber));
  if (!found) throw new Error('The number has no record.');
  return found;
}

/** The probes that were sent for this number, oldest first. */
const sent = (direction: 'out' | 'in'): Promise<MessageDocument[]> =>
  own.raw
    .collection<MessageDocument>('messages')
    .find({ [direction === 'out' ? 'fromKey' : 'toKey']: numberKey, 'probe.direction': direction })
    .sort({ acceptedAt: 1 })
    .toArray();

const end = (message: MessageDocument | undefined, status: MessageDocument['status']) =>
  own.store.messages.change([message?._id ?? ''], () => ({ status }));

/** Makes the last probe of a direction so much older. */
async function age(direction: 'probeOut' | 'probeIn', ms: number): Promise<void> {
  const last = (await number()).proof?.[direction];
  if (!last) throw new Error('No probe was sent.');
  await own.store.numbers.saveProof(numberKey, portId, {
    [direction]: { ...last, at: new Date(last.at.getTime() - ms) },
  });
}

async function arrives(message: MessageDocument | undefined, carrier: string): Promise<void> {
  if (!message) throw new Error('No probe was sent.');
  const { vault } = own.store;
  const event: InboundEvent = {
    type: 'inbound',
    eventId: `${carrier}/${message._id}`,
    at: new Date().toISOString(),
    raw: '',
    from: vault.open(message.from),
    to: vault.open(message.to),
    text: vault.open(message.text),
  };
  await takeInboundTexts([{ id: event.eventId, carrier, receivedAt: new Date(), event }], {
    store: own.store,
    engine,
    carriers,
  });
}

describe('probes', () => {
  test('go between the number and ours on another network of its country, once voice has moved; one at a time', async () => {
    await assess(false);
    expect([...(await sent('out')), ...(await sent('in'))]).toEqual([]);
    expect(await assess()).toMatchObject({ terms: { probed: true } });
    await assess();
    const [[out, ...moreOut], [into, ...moreIn]] = [await sent('out'), await sent('in')];
    expect([moreOut, moreIn]).toEqual([[], []]);
    const alphaKey = own.store.vault.numberKey(atAlpha);
    expect(out).toMatchObject({
      kind: 'transactional',
      fromKey: numberKey,
      toKey: alphaKey,
      // By the gaining carrier and no other.
      canaryAt: expect.any(Date),
      probe: { portId, direction: 'out', network: 'alpha' },
    });
    expect(into).toMatchObject({ fromKey: alphaKey, toKey: numberKey, probe: { direction: 'in', network: 'alpha' } });
    expect(into).not.toHaveProperty('canaryAt');
  });

  test('are sent again when the last one is over and a growing pause has passed, under another id each time', async () => {
    await assess();
    const [first] = await sent('in');
    await age('probeIn', 10_000);
    await assess();
    expect(await sent('in'), 'the first is still under way').toHaveLength(1);
    await end(first, 'delivered');
    await assess();
    expect(await sent('in')).toHaveLength(2);
    await end((await sent('in'))[1], 'delivered');
    await age('probeIn', 4000);
    await assess();
    expect(await sent('in'), 'the second pause is longer').toHaveLength(2);
    await age('probeIn', 4000);
    await assess();
    expect(await sent('in')).toHaveLength(3);
    expect((await number()).proof?.probeIn).toMatchObject({ count: 3 });
  });

  test.each<[string, Partial<MessageDocument['attempts'][number]>]>([
    ['the carrier broke off its answer to', { answeredAt: new Date(), parts: [{ outcome: 'ambiguous' }] }],
    ['a killed worker was writing', {}],
  ])('are not held up by one that %s: it may never arrive, and one more harms nobody', async (_, answer) => {
    await assess();
    const [first] = await sent('out');
    const attempt = {
      carrier: 'telnyx',
      token: 'clm_1',
      claimedAt: new Date(),
      workflowId: 'w',
      runId: 'r',
      ...answer,
    };
    await own.store.messages.change([first?._id ?? ''], () => ({ status: 'claimed', attempts: [attempt] }));
    await assess();
    expect(await sent('out'), 'its pause is not over').toHaveLength(1);
    await age('probeOut', 4000);
    await assess();
    expect(await sent('out')).toHaveLength(2);
  });

  test('say when the next one is due; after a proof of one direction the other is tried at once', async () => {
    expect((await assess()).nextProbeMs).toBeGreaterThan(2000);
    const [[out], [into]] = [await sent('out'), await sent('in')];
    expect((await assess()).nextProbeMs).toBeLessThanOrEqual(3000);
    await Promise.all([end(out, 'failed'), end(into, 'delivered')]);
    await own.store.numbers.saveProof(numberKey, portId, { inboundAt: new Date() });
    await assess();
    expect([(await sent('out')).length, (await sent('in')).length]).toEqual([2, 1]);
    expect((await assess()).nextProbeMs, 'the second pause is longer').toBeGreaterThan(3000);
  });

  test('of many numbers that are due together share their workflows', async () => {
    const { beginUncertainty, assess: assessOf } = cutovers();
    const dates = { uncertainFrom: soon, focAt: soon, proofDeadlineMs: 1000 };
    const sides = { plan: 'move', gainingCarrier: 'telnyx', losingCarrier: 'alpha' } as const;
    const all = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const sender = `+1202556${1000 + index}`;
        await own.store.numbers.insert(sampleNumber(own.store.vault, sender));
        const key = own.store.vault.numberKey(sender);
        await beginUncertainty({ portId, numberKey: key, ...sides, ...dates });
        return key;
      }),
    );
    const known = { moved: true, databaseNamedGaining: true, campaign: 'not-needed' } as const;
    await Promise.all(all.map((key) => assessOf({ portId, numberKey: key, ...sides, ...known })));
    const starts = () => engine.callsOf('startMessages').map(([ids]) => ids as string[]);
    await expect.poll(() => new Set(starts().flat()).size, { timeout: 5000 }).toBeGreaterThanOrEqual(40);
    expect(starts().length).toBeLessThan(10);
  });

  test('of a cutover that is begun anew are others', async () => {
    await assess();
    await cutovers().settleNumber({ portId, numberKey, outcome: 'returned', plan: 'move', gainingCarrier: 'telnyx' });
    await begin();
    await assess();
    expect(await sent('in')).toHaveLength(2);
  });

  test('need a number that is settled where it is configured', async () => {
    const { version, _id } = await number(atAlpha);
    await own.store.numbers.change(_id, version, { routing: { state: 'settled', carrier: 'beta' } });
    expect(await assess()).toMatchObject({ terms: { probed: false } });
    expect([...(await sent('out')), ...(await sent('in'))]).toEqual([]);
    await own.store.numbers.change(_id, version + 1, { routing: { state: 'settled', carrier: 'alpha' } });
  });

  test('leave held texts alone, until three have come to nothing', async () => {
    const held = sampleText(own.store.vault, {
      from,
      status: 'held',
      hold: { key: numberKey, code: 'sender-uncertain', since: new Date() },
    });
    await own.store.messages.insert([held]);
    for (let round = 1; round <= 3; round++) {
      await assess();
      const probes = await sent('out');
      expect(probes).toHaveLength(round);
      expect(await own.store.messages.find(held._id)).toMatchObject({ status: 'held' });
      await end(probes.at(-1), 'failed');
      if (round < 3) await age('probeOut', 60_000);
    }
    await assess();
    expect(await own.store.messages.find(held._id)).toMatchObject({ status: 'accepted', canaryAt: expect.any(Date) });
  });

  test('that can’t go now are not held: later they say nothing', async () => {
    await assess();
    const [out] = await sent('out');
    const refusedByGaining: Partial<MessageDocument> = {
      attempts: [
        {
          carrier: 'telnyx',
          token: 'clm_1',
          claimedAt: new Date(Date.now() + 10),
          workflowId: 'w',
          runId: 'r',
          parts: [{ outcome: 'rejected', code: '40151' }],
        },
      ],
    };
    await own.store.messages.change([out?._id ?? ''], () => refusedByGaining);
    const { admit } = createAdmissionActivities({
      store: own.store,
      engine,
      carriers,
      recipients: unverifiedRecipients(own.store),
    });
    await inWorkflow('messages/probe', () => admit({ messageIds: [out?._id ?? ''], kind: 'transactional' }));
    expect(await own.store.messages.find(out?._id ?? '')).toMatchObject({
      status: 'refused',
      failure: { code: 'sender-uncertain' },
    });
  });

  test('need nobody’s permission, and are no texts of a caller', async () => {
    await own.store.consents.append({
      _id: `con_${count}`,
      type: 'revoked',
      subjectKey: own.store.vault.numberKey(atAlpha),
      basis: 'opt-out',
      source: 'inbound',
      at: new Date(),
      evidence: own.store.vault.seal('{}'),
    });
    await assess();
    const [out] = await sent('out');
    const { admit } = createAdmissionActivities({
      store: own.store,
      engine,
      carriers,
      recipients: unverifiedRecipients(own.store),
    });
    await inWorkflow('messages/out', () => admit({ messageIds: [out?._id ?? ''], kind: 'transactional' }));
    expect(await own.store.messages.find(out?._id ?? '')).toMatchObject({
      status: 'queued',
      route: { carrier: 'telnyx', proves: true },
    });
    expect(await own.store.messages.list({ fromKey: numberKey }, 10)).toEqual([]);
  });
});

describe('a probe that arrives', () => {
  test('by the gaining carrier proves texts in from its network; by the losing one it proves nothing', async () => {
    await assess();
    const [into] = await sent('in');
    await arrives(into, 'alpha');
    expect(await assess()).toMatchObject({ inboundProven: false });
    await arrives(into, 'telnyx');
    expect(await assess()).toMatchObject({ inboundProven: true, inboundByNetwork: { alpha: expect.any(String) } });
    expect(engine.callsOf('cutoverNews')).toEqual([[portId, numberKey]]);
    expect(await own.store.inboundTexts.list({ toKey: numberKey }, 10), 'it is forwarded to nobody').toEqual([]);
  });

  test('at the other number proves texts out, whatever receipts are worth', async () => {
    await assess();
    const [out] = await sent('out');
    await arrives(out, 'alpha');
    expect(await assess()).toMatchObject({ outboundProven: true });
    expect(engine.callsOf('cutoverNews')).toEqual([[portId, numberKey]]);
  });

  test('in the words of somebody else proves nothing', async () => {
    await assess();
    const [out] = await sent('out');
    const { vault } = own.store;
    await arrives(out && { ...out, from: vault.seal('+12025550199') }, 'alpha');
    expect(await assess()).toMatchObject({ outboundProven: false });
    expect(await own.store.inboundTexts.list({ fromKey: vault.numberKey('+12025550199') }, 10)).toHaveLength(1);
  });

  test('from the gaining carrier’s own network is none: texts of its second account to it prove nothing', async () => {
    const { vault } = own.store;
    const text = sampleText(vault, { from: atHome, to: from, text: `Hello ${count}` });
    await arrives(text, 'telnyx');
    expect(await assess(false)).toMatchObject({ inboundProven: false });
  });

  test('from a foreign number counts for the network that the database named last', async () => {
    const { vault, numbers } = own.store;
    const foreign = `+1202556${3000 + count}`;
    const lookUp = (spid: string) => ({ ported: true, spid, source: 'enum', at: new Date() });
    await numbers.insert(
      sampleNumber(vault, foreign, { own: false, routing: { state: 'settled' }, lookUp: lookUp('073H') }),
    );
    await arrives(sampleText(vault, { from: foreign, to: from, text: `One ${count}` }), 'telnyx');
    expect(await assess(false)).toMatchObject({ inboundProven: false });
    await numbers.saveAnswers(new Map([[vault.numberKey(foreign), { lookUp: lookUp('664B') }]]));
    await arrives(sampleText(vault, { from: foreign, to: from, text: `Two ${count}` }), 'telnyx');
    expect(await assess(false)).toMatchObject({ inboundByNetwork: { 'spid-664b': expect.any(String) } });
  });
});

describe('the campaign', () => {
  const withPort = (rest: Parameters<typeof samplePort>[2] = {}) =>
    own.store.ports.insert(samplePort(own.store.vault, [from], { _id: `port_of_${count}`, ...rest }));
  const named = { campaign: { state: 'done', at: new Date(), reference: 'C4711', revision: 1 } } as const;
  const look = (rest: Partial<Parameters<CutoverActivities['assess']>[0]> = {}) =>
    assess(true, { portId: `port_of_${count}`, campaign: 'waiting', ...rest });

  test('of the port is attached once the number has moved, and asked again until it is', async () => {
    await withPort({ checklist: named });
    expect(await look({ moved: false })).toMatchObject({ terms: { campaign: 'waiting' } });
    expect(attached).toEqual([]);
    expect(await look()).toMatchObject({ campaign: 'pending' });
    campaign = new CarrierUnavailable('away');
    expect(await look()).toMatchObject({ campaign: 'pending' });
    campaign = 'refused';
    expect(await look({ campaign: 'failed' })).toMatchObject({ campaign: 'refused' });
    campaign = 'attached';
    expect(await look()).toMatchObject({ campaign: 'attached' });
    expect(attached).toEqual(Array(4).fill([from, 'C4711']));
    expect(await look({ campaign: 'attached' })).not.toHaveProperty('campaign');
  });

  test.each([
    ['nobody names one', {}],
    ['a person says that none is needed', { checklist: { campaign: { ...named.campaign, state: 'not-applicable' } } }],
    ['texts stay', { checklist: named, messagingPlan: 'stay' }],
    ['the gaining carrier has none', { checklist: named, gainingCarrier: 'alpha' }],
  ] as const)('is not needed when %s', async (_, rest) => {
    await withPort(rest);
    expect(await look()).toMatchObject({ terms: { campaign: 'not-needed' } });
    expect(attached).toEqual([]);
  });
});

describe('what is open of the checklist when the margin begins', () => {
  const tell = (id: string, focAt = soon) => cutovers().tellChecklist({ portId: id, focAt });
  const told = async (id: string) =>
    (await own.store.timeline.list(id)).filter(({ type }) => type === 'port.checklist-open');

  test('is told once per date, however many numbers the port has', async () => {
    const port = samplePort(own.store.vault, [from]);
    await own.store.ports.insert(port);
    await Promise.all([tell(port._id), tell(port._id), tell(port._id)]);
    await tell(port._id);
    expect(await told(port._id)).toMatchObject([{ actor: 'portsms', detail: expect.stringContaining('voice-route') }]);
    expect((await told(port._id))[0]?.detail).not.toContain('opt-outs');
    await tell(port._id, new Date(Date.now() + 86_400_000).toISOString());
    expect(await told(port._id)).toHaveLength(2);
  });

  test('is nothing to tell when all is done', async () => {
    const done = { state: 'done', at: new Date(), revision: 1 } as const;
    const items = ['voice-route', 'emergency-address', 'sms-settings', 'campaign', 'standby-sender'];
    const port = samplePort(own.store.vault, [from], {
      checklist: Object.fromEntries(items.map((item) => [item, done])),
    });
    await own.store.ports.insert(port);
    await tell(port._id);
    expect(await told(port._id)).toEqual([]);
  });
});
