import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaignStopList } from '../../api/schemas/campaign-stops.ts';
import { deliveryCatalogue } from '../../api/schemas/delivery-codes.ts';
import { deliveryMetricsAnswer } from '../../api/schemas/delivery-metrics.ts';
import { suppressionList } from '../../api/schemas/suppressions.ts';
import { stopRuleOf } from '../../domain/campaign-stop.ts';
import { listedCodes } from '../../domain/delivery-codes.ts';
import { type EndedText, MetricTally } from '../../domain/delivery-metrics.ts';
import { type BucketSize, beginningOf } from '../../store/delivery-metrics.ts';
import { numbers, type Serving, serve } from './serving.ts';

let api: Serving;
beforeAll(async () => {
  api = await serve();
  await api.register(numbers.own);
});
afterAll(() => api.stop());

const catalogue = async (query = '') => deliveryCatalogue.parse((await api.get(`/v1/delivery-codes${query}`)).body);
const now = new Date();
const dayMs = 24 * 3600_000;

/** Stores a bucket of some equal texts. */
async function bucket(size: BucketSize, at: Date, texts: number, rest: Partial<EndedText> = {}): Promise<void> {
  const text: EndedText = {
    carrier: 'alpha',
    network: 'US/1234',
    kind: 'otp',
    ported: false,
    status: 'delivered',
    acceptedAt: new Date(at.getTime() - 3000),
    firstClaimedAt: new Date(at.getTime() - 2000),
    lastClaimedAt: new Date(at.getTime() - 1000),
    finalAt: at,
    segments: 1,
    attempts: 1,
    cost: { amount: 0.01, currency: 'USD' },
    codes: [],
    ...rest,
  };
  const tally = new MetricTally();
  for (let each = 0; each < texts; each++) tally.add(text);
  const { carrier, network, kind, ported } = text;
  const key = { carrier, network, kind, ported };
  await api.store.deliveryMetrics.replace(size, [{ at: beginningOf(size, at), key, sums: tally.sums() }]);
}
const metrics = async (query: string) =>
  deliveryMetricsAnswer.parse((await api.get(`/v1/metrics/delivery?${query}`)).body);

describe('the catalogue of delivery codes', () => {
  it('lists what every table has, with source and what to do', async () => {
    const { data, classes } = await catalogue();
    expect(data).toHaveLength(listedCodes().length);
    expect(data).toContainEqual(
      expect.objectContaining({ vocabulary: 'smpp', code: '0x58', ours: 'carrier-throttled', class: 'throttled' }),
    );
    expect(classes.map((each) => each.class)).toContain('ambiguous');
    expect((await catalogue('?vocabulary=map')).data.every(({ vocabulary }) => vocabulary === 'map')).toBe(true);
  });

  it('lists codes that nobody knows, with how often they came, until an operator says what they mean', async () => {
    const seen = { vocabulary: 'smpp', code: '0x4ff', carrier: 'alpha' } as const;
    await api.store.deliveryCodes.noteUnknown([seen], now);
    await bucket('day', now, 3, { kind: 'marketing', codes: [{ code: 'unknown', carrierCode: '0x04FF' }] });
    expect((await catalogue()).unknown).toMatchObject([{ ...seen, attempts: 3 }]);

    const said = { ours: 'recipient-unavailable', class: 'recipient-temporary', fault: 'recipient', meaning: 'Off.' };
    const put = await api.call('PUT', '/v1/delivery-codes/smpp/0x04FF?carrier=alpha', said);
    expect(put).toMatchObject({ status: 200, body: { code: '0x4ff', carrier: 'alpha', source: 'operator', ...said } });
    const after = await catalogue();
    expect(after.unknown).toEqual([]);
    expect(after.data[0]).toMatchObject({ code: '0x4ff', carrier: 'alpha' });

    expect((await api.call('DELETE', '/v1/delivery-codes/smpp/0x4ff?carrier=alpha')).status).toBe(200);
    expect((await catalogue()).unknown).toMatchObject([seen]);
  });

  it('takes only our own codes and classes, and carriers that there are', async () => {
    const said = { ours: 'unknown', class: 'unknown', fault: 'carrier', meaning: 'Nobody knows.' };
    const put = (path: string, body: object) => api.call('PUT', `/v1/delivery-codes/${path}`, body);
    expect((await put('smpp/1?carrier=omega', said)).body.code).toBe('unknown-carrier');
    expect((await put('smpp/1', { ...said, class: 'mine' })).body.code).toBe('invalid-request');
    expect((await put('smtp/1', said)).body.code).toBe('invalid-request');
  });

  it('is a page as well, made of the same data, that loads nothing from elsewhere', async () => {
    const page = await api.get('/docs/delivery-codes', { authorization: '' });
    expect(page.status).toBe(200);
    for (const { code } of listedCodes()) expect(page.body).toContain(`<code>${code}</code>`);
    expect(page.body).not.toMatch(/src=|href=|<script/);
  });
});

describe('metrics of deliveries', () => {
  it('group by what is asked for', async () => {
    const at = new Date(now.getTime() - 3600_000);
    await bucket('minute', at, 8);
    await bucket('minute', at, 2, {
      status: 'failed',
      network: 'US/4711',
      ported: true,
      codes: [{ code: 'filtered' }],
    });
    await bucket('minute', at, 5, { carrier: 'beta', kind: 'marketing' });
    const span = `from=${new Date(now.getTime() - 2 * 3600_000).toISOString()}`;
    const { data, size } = await metrics(`groupBy=carrier&${span}`);
    expect(size).toBe('minute');
    expect(data).toMatchObject([
      { carrier: 'alpha', texts: 10, deliveryRate: 0.8, byStatus: { delivered: 8, failed: 2 } },
      { carrier: 'beta', texts: 5, deliveryRate: 1, cost: [{ amount: 0.05, currency: 'USD' }] },
    ]);
    expect(data[0]?.codes).toEqual([{ code: 'filtered', count: 2 }]);
    const { p50 = 0 } = data[0]?.waitMs ?? {};
    expect(Math.abs(p50 - 1000)).toBeLessThan(50);
    const byNumber = await metrics(`groupBy=ported,network&${span}`);
    expect(byNumber.data.map(({ ported, network, texts }) => [ported, network, texts])).toEqual([
      [false, 'US/1234', 13],
      [true, 'US/4711', 2],
    ]);
    expect((await metrics(span)).data).toMatchObject([{ texts: 15 }]);
  });

  it('are read for a month in one query, by day or hour by hour', async () => {
    await api.database.collection('deliveryMetrics').deleteMany({});
    const from = beginningOf('day', new Date(now.getTime() - 30 * dayMs));
    for (let day = 0; day < 30; day++) {
      const at = new Date(from.getTime() + day * dayMs);
      await bucket('day', at, 24);
      for (let hour = 0; hour < 24; hour++) await bucket('hour', new Date(at.getTime() + hour * 3600_000), 1);
    }
    const month = `from=${from.toISOString()}&to=${new Date(from.getTime() + 30 * dayMs).toISOString()}`;
    expect(await metrics(month)).toMatchObject({ size: 'day', data: [{ texts: 720 }] });
    expect((await metrics(`${month}&interval=day`)).data).toHaveLength(30);
    const byHour = await metrics(`${month}&interval=hour&groupBy=carrier`);
    expect(byHour.data).toHaveLength(720);
    expect(byHour.data[1]?.at).toBe(new Date(from.getTime() + 3600_000).toISOString());
  });

  it('want a span that makes sense, and dimensions that there are', async () => {
    expect((await api.get('/v1/metrics/delivery?groupBy=colour')).body.code).toBe('invalid-request');
    const backwards = 'from=2026-06-02T00:00:00Z&to=2026-06-01T00:00:00Z';
    expect((await api.get(`/v1/metrics/delivery?${backwards}`)).body.code).toBe('invalid-request');
  });
});

describe('a recipient who is suppressed', () => {
  it('is shown with the reason, and taken back', async () => {
    const subjectKey = api.store.vault.numberKey(numbers.foreign);
    const failure = { subjectKey, since: now, messageId: 'msg_1', code: 'recipient-unknown', carrierCode: '0x0B' };
    await api.store.suppressions.save([{ ...failure, senderKind: 'number' }]);
    const path = `/v1/suppressions?phoneNumber=${encodeURIComponent(numbers.foreign)}`;
    const { data } = suppressionList.parse((await api.get(path)).body);
    expect(data).toMatchObject([{ senderKind: 'number', code: 'recipient-unknown', messageId: 'msg_1' }]);
    const removal = await api.call('DELETE', `/v1/suppressions/${numbers.foreign}?senderKind=number`);
    expect(removal).toMatchObject({ status: 200, body: { removed: 1 } });
    expect((await api.get(path)).body.data).toEqual([]);
  });
});

describe('a campaign that is stopped', () => {
  it('is shown with what was blocked, and let go again', async () => {
    const senderKey = api.store.vault.numberKey(numbers.own);
    const rule = stopRuleOf('sender-unregistered');
    if (!rule) throw new Error('There is no such rule.');
    await api.store.campaignStops.enter({ carrier: 'alpha', senderKey }, [{ messageId: 'msg_1', at: now }], rule);
    const { data } = campaignStopList.parse((await api.get('/v1/campaign-stops')).body);
    expect(data).toMatchObject([
      { carrier: 'alpha', sender: numbers.own, stops: 1, blocked: [{ messageId: 'msg_1' }] },
    ]);
    const path = `/v1/campaign-stops/${encodeURIComponent(data[0]?.id ?? '')}`;
    expect(await api.call('DELETE', path)).toMatchObject({ status: 200, body: { ended: true } });
    expect((await api.get('/v1/campaign-stops')).body.data).toEqual([]);
    const told = await api.store.timeline.list(api.store.vault.deriveId('cst', data[0]?.id ?? ''));
    expect(told).toMatchObject([{ type: 'campaign.released', actor: 'caller', by: { apiKeyId: expect.any(String) } }]);
  });
});
