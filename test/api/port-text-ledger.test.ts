import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countDueAfter, keepDueCounts } from '../../activities/text-accounts.ts';
import { textLedger } from '../../api/schemas/text-ledger.ts';
import type { MessageDocument } from '../../store/messages.ts';
import { sampleText, type TextSample } from '../store/samples.ts';
import { numbers, portBody, type Serving, serve } from './serving.ts';

let api: Serving;
let portId = '';
let numberKey = '';
const begunAt = new Date(Date.now() - 3600_000);
const endedAt = new Date(Date.now() - 60_000);
const minutes = (count: number) => new Date(begunAt.getTime() + count * 60_000);
const hold = (since: number, releasedAt?: number) => ({
  key: numberKey,
  code: 'sender-uncertain',
  since: minutes(since),
  ...(releasedAt !== undefined && { releasedAt: minutes(releasedAt) }),
});
const by = (carrier: string, outcome: 'accepted' | 'rejected' | undefined) => [
  {
    carrier,
    token: 't',
    claimedAt: minutes(1),
    workflowId: 'w',
    runId: 'r',
    ...(outcome && { answeredAt: minutes(2), parts: [{ outcome }] }),
  },
];
const path = () => `/v1/ports/${portId}/text-ledger`;
const stored: MessageDocument[] = [];

beforeAll(async () => {
  api = await serve();
  portId = (await api.post('/v1/ports', portBody)).body.id;
  const { vault, messages, textLedgers, inboundTexts } = api.store;
  numberKey = vault.numberKey(numbers.own);
  await textLedgers.begin({ portId, numberKey, losing: 'alpha', gaining: 'telnyx' }, begunAt);
  const samples: TextSample[] = [
    // Before the move: over, or still on its way when it began.
    { status: 'delivered', acceptedAt: minutes(-9), finalAt: minutes(-8), attempts: by('alpha', 'accepted') },
    { status: 'delivered', acceptedAt: minutes(-9), finalAt: minutes(5), attempts: by('alpha', 'accepted') },
    {
      status: 'delivered',
      acceptedAt: minutes(3),
      finalAt: minutes(9),
      attempts: by('telnyx', 'accepted'),
      hold: hold(3, 8),
    },
    { status: 'expired', acceptedAt: minutes(4), finalAt: minutes(9), hold: hold(4) },
    {
      status: 'refused',
      acceptedAt: minutes(5),
      finalAt: minutes(5),
      failure: { code: 'opted-out', class: 'refused', at: minutes(5) },
    },
    { status: 'unknown', acceptedAt: minutes(6), finalAt: minutes(30), attempts: by('telnyx', undefined) },
    { status: 'submitted', acceptedAt: minutes(7), attempts: by('telnyx', 'accepted') },
    // A probe is no text of a caller's; and what was accepted afterwards is none of the move's.
    {
      status: 'delivered',
      acceptedAt: minutes(8),
      finalAt: minutes(9),
      probe: { portId, direction: 'out', network: 'beta' },
    },
    { status: 'submitted', acceptedAt: new Date(), attempts: by('telnyx', 'accepted') },
    // Another number of ours wrote to the one that moves, and waited for it.
    { from: numbers.second, to: numbers.own, status: 'queued', acceptedAt: minutes(10), hold: hold(10, 20) },
  ];
  stored.push(...samples.map((sample) => sampleText(vault, { from: numbers.own, ...sample })));
  await messages.insert(stored);
  const arrivals = [
    ['alpha', {}],
    ['telnyx', {}],
    ['telnyx', { copyOf: 'in_0' }],
    ['beta', {}],
    ['telnyx', { probe: true as const }],
  ] as const;
  for (const [index, [carrier, rest]] of arrivals.entries()) {
    await inboundTexts.insert({
      _id: `in_${index}`,
      carrier,
      fromKey: 'num_x',
      from: vault.seal(numbers.foreign),
      toKey: numberKey,
      to: vault.seal(numbers.own),
      text: vault.seal('Hello'),
      receivedAt: minutes(index + 1),
      ...rest,
    });
  }
  await textLedgers.end(portId, numberKey, { endedAt, outcome: 'ported', countDueAt: countDueAfter(endedAt) });
});
afterAll(() => api.stop());

it('accounts for every text of a move, once', async () => {
  const answer = await api.get(path());
  expect(answer.status).toBe(200);
  const { total, numbers: each } = textLedger.parse(answer.body);
  expect(total.texts).toBe(7);
  expect(each).toHaveLength(1);
  const [number] = each;
  expect(number).toMatchObject({
    phoneNumber: numbers.own,
    outcome: 'ported',
    inbound: { oldSide: 1, newSide: 1, elsewhere: 1, copies: 1 },
    awaitingIt: { texts: 1, places: { 'under-way': { total: 1, open: 1 } }, waited: { texts: 1, ms: 600_000 } },
    outbound: {
      texts: 6,
      lost: 2,
      waited: { texts: 2, ms: 600_000, longestMs: 300_000 },
      places: {
        'old-side': { total: 1, delivered: 1 },
        'new-side': { total: 2, delivered: 1, open: 1 },
        held: { total: 1, expired: 1 },
        refused: { total: 1, refused: 1 },
        unknown: { total: 1, unknown: 1 },
        standby: { total: 0 },
      },
    },
  });
  expect(number).not.toHaveProperty('countedAt');
});

it('names each text in CSV', async () => {
  const answer = await api.get(`${path()}?format=csv`);
  const rows = parse<Record<string, string>>(answer.body, { columns: true });
  expect(rows.map(({ messageId }) => messageId)).toEqual([1, 2, 3, 4, 5, 6, 9].map((index) => stored[index]?._id));
  expect(rows.map(({ place }) => place)).toEqual([
    'old-side',
    'new-side',
    'held',
    'refused',
    'unknown',
    'new-side',
    'under-way',
  ]);
  expect(rows[1]).toMatchObject({
    phoneNumber: numbers.own,
    direction: 'from',
    status: 'delivered',
    carrier: 'telnyx',
    heldAt: minutes(3).toISOString(),
    releasedAt: minutes(8).toISOString(),
  });
  expect(rows.at(-1)?.direction).toBe('to');
});

it('keeps the account when all texts are final, for when they are forgotten', async () => {
  const before = (await api.get(path())).body;
  await keepDueCounts(api.store, new Date());
  expect((await api.get(path())).body.numbers[0]).not.toHaveProperty('countedAt');
  await keepDueCounts(api.store, new Date(countDueAfter(endedAt).getTime() + 1));
  await api.store.messages.change([stored[1]?._id ?? ''], () => ({ status: 'failed' }));
  const after = (await api.get(path())).body;
  expect(after.total).toEqual(before.total);
  expect(after.numbers[0]).toMatchObject({ countedAt: expect.any(String) });
  // The number moves again in the same port: a snap-back begins the account anew, over the whole time.
  await api.store.textLedgers.begin({ portId, numberKey, losing: 'alpha', gaining: 'telnyx' }, new Date());
  const again = textLedger.parse((await api.get(path())).body).numbers[0];
  expect(again).not.toHaveProperty('countedAt');
  expect(again?.outbound).toMatchObject({ texts: 7, lost: 3 });
});

it('is empty before the move, and there is none without a port', async () => {
  const other = (await api.post('/v1/ports', { ...portBody, phoneNumbers: [numbers.british] })).body.id;
  if (other) expect((await api.get(`/v1/ports/${other}/text-ledger`)).body).toMatchObject({ numbers: [] });
  expect((await api.get('/v1/ports/port_none/text-ledger')).body).toMatchObject({ code: 'unknown-port' });
});
