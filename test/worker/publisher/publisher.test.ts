import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { webhookAddressRules } from '../../../domain/webhook-address.ts';
import type { TimelineEntry } from '../../../store/timeline.ts';
import { randomId } from '../../../store/vault.ts';
import type { WebhookEndpointDocument } from '../../../store/webhook-endpoints.ts';
import { createPoster, type Poster } from '../../../worker/publisher/post.ts';
import { createPublisher } from '../../../worker/publisher/publisher.ts';
import { timelineEvents } from '../../../worker/publisher/timeline-events.ts';
import { ownStore } from '../../store/own-store.ts';
import { ours, sampleNumber } from '../../store/samples.ts';
import { type Receiver, receiver } from './receiver.ts';

const own = ownStore();
const hour = 3600_000;
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** Ahead of the real one by what a test says: what is appended carries the real time. */
let ahead = 0;
const now = () => new Date(Date.now() + ahead);
let clean: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  ahead = 0;
});
afterEach(async () => {
  for (const each of clean.reverse()) await each();
  clean = [];
});

/** A worker's publisher. @param crash thrown instead of recording what became of an event, while it is set */
function publisher(owner = randomId('wrk'), poster: Pick<Poster, 'post'> = realPoster()) {
  const state = { crash: false };
  const { webhookDeliveries } = own.store;
  const store = {
    ...own.store,
    webhookDeliveries: {
      ...webhookDeliveries,
      record: async (...args: Parameters<typeof webhookDeliveries.record>) => {
        if (state.crash) throw new Error('The process was killed.');
        return webhookDeliveries.record(...args);
      },
    },
  };
  const source = timelineEvents(own.store, 'https://sms.example.com');
  const made = createPublisher({
    store,
    source,
    poster,
    owner,
    now,
    random: () => 0.5,
    logger: pino({ enabled: false }),
  });
  const signal = new AbortController().signal;
  return {
    state,
    /** Rounds until nothing is due now. */
    async publish(): Promise<void> {
      await made.round(signal);
      await made.idle();
    },
  };
}

function realPoster(): Poster {
  const poster = createPoster(webhookAddressRules(['127.0.0.0/8']));
  clean.push(async () => poster.close());
  return poster;
}

async function endpoint(to: Receiver, rest: Partial<WebhookEndpointDocument> = {}): Promise<string> {
  const at = new Date();
  const id = randomId('whe');
  const { vault, webhookEndpoints, webhookDeliveries } = own.store;
  await webhookEndpoints.insert({
    _id: id,
    url: vault.seal(to.url),
    secrets: [{ secret: vault.seal(secret) }],
    startsAt: at,
    createdAt: at,
    updatedAt: at,
    ...rest,
  });
  clean.push(
    () => to.close(),
    () => webhookEndpoints.remove(id),
    () => webhookDeliveries.forget(id),
  );
  return id;
}

const step = (type: string, rest: Partial<TimelineEntry> = {}): TimelineEntry => ({
  at: new Date().toISOString(),
  actor: 'portsms',
  type,
  detail: 'What happened.',
  ...rest,
});
const append = (port: string, position: number, ...types: string[]) =>
  own.store.timeline.append(
    port,
    'order',
    position,
    types.map((type) => step(type)),
  );
const outcomes = async (id: string) =>
  (await own.store.webhookDeliveries.list(id, {}, 50)).map(({ type, status, attempts }) => [type, status, attempts]);

describe('events (invariant 11)', () => {
  it('are signed as Standard Webhooks, and say what happened to which number', async () => {
    const to = await receiver();
    await endpoint(to);
    const port = randomId('port');
    await own.store.numbers.insert(sampleNumber(own.store.vault, ours));
    const numberKey = own.store.vault.numberKey(ours);
    await append(port, 0, 'order.submitted');
    await own.store.timeline.append(port, 'number', 0, [step('number.uncertain', { numberKey })]);
    await publisher().publish();

    expect(to.ids()).toEqual([`evt_${port}_1`, `evt_${port}_2`]);
    const [first, second] = to.received;
    expect(new Webhook(secret).verify(first?.body ?? '', first?.headers ?? {})).toMatchObject({
      type: 'order.submitted',
    });
    expect(() => new Webhook(secret).verify(`${first?.body} `, first?.headers ?? {})).toThrow('No matching signature');
    expect(first?.data).toEqual({
      subject: port,
      portId: port,
      seq: 1,
      status: 'submitted',
      actor: 'portsms',
      detail: 'What happened.',
      links: {
        self: `https://sms.example.com/v1/ports/${port}`,
        timeline: `https://sms.example.com/v1/ports/${port}/timeline`,
      },
    });
    expect(second?.data).toMatchObject({ phoneNumber: ours, seq: 2 });
    expect(second?.data.status).toBeUndefined();
  });

  it('go out from when the endpoint was made, of the types that it wants, once each', async () => {
    const port = randomId('port');
    await append(port, 0, 'order.submitted');
    await new Promise((resolve) => setTimeout(resolve, 5));
    const [all, some] = [await receiver(), await receiver()];
    await endpoint(all);
    const id = await endpoint(some, { events: ['number.', 'order.completed'] });
    await append(port, 1, 'order.foc-confirmed', 'number.ported', 'order.completed');
    const { publish } = publisher();
    await publish();
    await publish();
    expect(all.ids()).toEqual([2, 3, 4].map((seq) => `evt_${port}_${seq}`));
    expect(some.ids()).toEqual([3, 4].map((seq) => `evt_${port}_${seq}`));
    await append(port, 4, 'order.news');
    await publish();
    expect(some.received).toHaveLength(2);
    expect(await own.store.webhookDeliveries.findDue(id, new Date(Date.now() + 1000), 5)).toEqual([]);
    expect(await own.store.timeline.news(5)).toEqual([]);
  });

  it('of one port come in order, whatever fails; other ports do not wait for it', async () => {
    const [slow, other] = [randomId('port'), randomId('port')];
    let failures = 2;
    const to = await receiver(({ id }) => (id === `evt_${slow}_2` && failures-- > 0 ? 422 : 204));
    const id = await endpoint(to);
    await append(slow, 0, 'a', 'b', 'c');
    const { publish } = publisher();
    await publish();
    await append(other, 0, 'x');
    await publish();
    expect(to.ids().filter((each) => each.includes(slow))).toEqual([`evt_${slow}_1`, `evt_${slow}_2`]);
    expect(to.ids()).toContain(`evt_${other}_1`);
    // Something new does not shorten the pause.
    await append(slow, 3, 'd');
    await publish();
    expect(to.received).toHaveLength(3);
    ahead += 6000;
    await publish();
    ahead += 31_000;
    await publish();
    expect(to.ids().filter((each) => each.includes(slow))).toEqual(
      [1, 2, 2, 2, 3, 4].map((seq) => `evt_${slow}_${seq}`),
    );
    expect(await outcomes(id)).toContainEqual(['b', 'delivered', 3]);
  });

  it('an endpoint that is down delays only itself, and is tried with one event at a time', async () => {
    const [up, down] = [await receiver(), await receiver(() => 'nothing')];
    await endpoint(up);
    const id = await endpoint(down);
    const ports = Array.from({ length: 12 }, () => randomId('port'));
    for (const port of ports) await append(port, 0, 'order.submitted');
    const { publish } = publisher();
    await publish();
    expect(up.received).toHaveLength(12);
    const first = down.received.length;
    // Those that were on their way at the same time.
    expect(first).toBeLessThanOrEqual(4);
    expect((await own.store.webhookEndpoints.find(id))?.failing).toMatchObject({ failures: 1 });
    await publish();
    expect(down.received).toHaveLength(first);
    ahead += 10_000;
    await publish();
    expect(down.received).toHaveLength(first + 1);
    expect((await own.store.webhookEndpoints.find(id))?.failing).toMatchObject({
      failures: 2,
      error: 'No connection (ECONNRESET).',
    });
    down.state.answer = () => 204;
    ahead += hour;
    await publish();
    expect(new Set(down.ids()).size).toBe(12);
    expect((await own.store.webhookEndpoints.find(id))?.failing).toBeUndefined();
    expect(await own.store.webhookDeliveries.list(id, { status: 'pending' }, 5)).toEqual([]);
  });

  it('are tried for three days, then shown as undelivered, and the next ones go on', async () => {
    const port = randomId('port');
    const to = await receiver(({ type }) => (type === 'b' ? 500 : 204));
    const id = await endpoint(to);
    await append(port, 0, 'a', 'b', 'c');
    const { publish } = publisher();
    const begun = now().getTime();
    let tries = 0;
    while ((await own.store.webhookDeliveries.list(id, { status: 'undelivered' }, 1)).length === 0) {
      await publish();
      const [pending] = await own.store.webhookDeliveries.list(id, { status: 'pending' }, 1);
      const { failing } = (await own.store.webhookEndpoints.find(id)) ?? {};
      const next = Math.max(pending?.nextTryAt?.getTime() ?? 0, failing?.nextTryAt.getTime() ?? 0);
      if (pending) ahead = next - Date.now() + 1000;
      expect(++tries).toBeLessThan(40);
    }
    const hours = (now().getTime() - begun) / hour;
    // The endpoint as a whole did not answer: it is tried every six hours at most.
    expect(hours).toBeGreaterThanOrEqual(72);
    expect(hours).toBeLessThan(78);
    expect(tries).toBeGreaterThan(10);
    ahead += 7 * hour;
    await publish();
    expect(to.ids().at(-1)).toBe(`evt_${port}_3`);
    expect(await outcomes(id)).toEqual([
      ['c', 'delivered', 1],
      ['b', 'undelivered', tries],
      ['a', 'delivered', 1],
    ]);
  });

  it('are asked for no more by 410, and not sooner than Retry-After by 429', async () => {
    const port = randomId('port');
    const to = await receiver(() => 429);
    const id = await endpoint(to);
    await append(port, 0, 'a');
    const { publish } = publisher();
    await publish();
    ahead += 590_000;
    await publish();
    expect(to.received).toHaveLength(1);
    to.state.answer = () => 410;
    ahead += 20_000;
    await publish();
    expect(await own.store.webhookEndpoints.find(id)).toMatchObject({ disabled: { by: 'receiver' } });
    await append(port, 1, 'b');
    ahead += 24 * hour;
    await publish();
    expect(to.received).toHaveLength(2);
    // Once it is wanted again, everything comes that has happened meanwhile.
    to.state.answer = () => 204;
    await own.store.webhookEndpoints.change(id, { disabled: undefined });
    await publish();
    expect(to.ids().slice(2)).toEqual([`evt_${port}_1`, `evt_${port}_2`]);
  });
});

describe('a worker that is killed', () => {
  it('between an answer and its record repeats that event under the same id, and skips none', async () => {
    const port = randomId('port');
    const to = await receiver();
    await endpoint(to);
    await append(port, 0, 'a', 'b', 'c');
    const killed = publisher('killed');
    killed.state.crash = true;
    await killed.publish();
    expect(to.ids()).toEqual([`evt_${port}_1`]);
    // Its lease was given back in the test; a killed process leaves it to run out.
    const next = publisher('next');
    await next.publish();
    expect(to.ids()).toEqual([1, 1, 2, 3].map((seq) => `evt_${port}_${seq}`));
  });

  it('after it took the news and before it forgot them loses none', async () => {
    const port = randomId('port');
    const to = await receiver();
    const id = await endpoint(to);
    await append(port, 0, 'a');
    const { timeline } = own.store;
    const news = await timeline.news(10);
    await publisher().publish();
    // The notes are there again, as after a crash.
    await own.raw.collection('timelineNews').insertMany(news as never[]);
    await publisher().publish();
    expect(to.ids()).toEqual([`evt_${port}_1`]);
    expect(await outcomes(id)).toEqual([['a', 'delivered', 1]]);
  });

  it('keeps an endpoint for 30 s at most; two workers never send at once', async () => {
    const port = randomId('port');
    const to = await receiver();
    const id = await endpoint(to);
    await append(port, 0, 'a');
    const lease = (until: number) => own.store.webhookEndpoints.lease(id, 'killed', now(), new Date(until));
    await lease(now().getTime() + 30_000);
    await publisher('other').publish();
    expect(to.received).toEqual([]);
    ahead += 31_000;
    await Promise.all([publisher('one').publish(), publisher('two').publish(), publisher('three').publish()]);
    await publisher('one').publish();
    expect(to.ids()).toEqual([`evt_${port}_1`]);
  });
});

describe('while it sends', () => {
  it('what is appended is not missed, and a replay is not overtaken', async () => {
    const port = randomId('port');
    const to = await receiver();
    const id = await endpoint(to);
    await append(port, 0, 'a', 'b');
    let posts = 0;
    const poster = realPoster();
    const meddling: Pick<Poster, 'post'> = {
      async post(...args) {
        posts += 1;
        if (posts === 1) await append(port, 2, 'c');
        if (posts === 2) await own.store.webhookDeliveries.rewind(id, new Map([[port, 0]]), now());
        return poster.post(...args);
      },
    };
    const { publish } = publisher('one', meddling);
    await publish();
    await publish();
    expect(to.ids()).toEqual([1, 2, 1, 2, 3].map((seq) => `evt_${port}_${seq}`));
    expect(await own.store.webhookDeliveries.findDue(id, new Date(now().getTime() + 1000), 5)).toEqual([]);
  });

  it('every secret that is in use signs, and one that is over does not', async () => {
    const port = randomId('port');
    const to = await receiver();
    const { vault } = own.store;
    const another = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
    await endpoint(to, {
      secrets: [
        { secret: vault.seal(another(1)), until: new Date(Date.now() - 1000) },
        { secret: vault.seal(another(2)), until: new Date(Date.now() + hour) },
        { secret: vault.seal(another(3)) },
      ],
    });
    await append(port, 0, 'a');
    await publisher().publish();
    const [event] = to.received;
    if (!event) throw new Error('Nothing came.');
    expect(() => to.verify(another(1), event)).toThrow('Another secret');
    for (const byte of [2, 3]) expect(() => to.verify(another(byte), event)).not.toThrow();
  });

  it('the process ends: it wakes for what it appends itself, and stops between two events', async () => {
    const to = await receiver();
    await endpoint(to);
    const source = timelineEvents(own.store, 'https://sms.example.com');
    const logger = pino({ enabled: false });
    const run = createPublisher({
      store: own.store,
      source,
      poster: realPoster(),
      owner: 'w',
      now,
      random: () => 0,
      logger,
    });
    const stopping = new AbortController();
    const running = run.run(stopping.signal);
    const port = randomId('port');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const begun = Date.now();
    await append(port, 0, 'a');
    await expect.poll(() => to.ids(), { interval: 20 }).toEqual([`evt_${port}_1`]);
    expect(Date.now() - begun).toBeLessThan(1500);
    stopping.abort();
    await running;
  });
});
