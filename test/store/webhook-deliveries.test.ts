import { expect, it } from 'vitest';
import { randomId } from '../../store/vault.ts';
import type { WebhookDeliveryDocument } from '../../store/webhook-deliveries.ts';
import { ownStore } from './own-store.ts';

const own = ownStore();
const now = new Date('2027-01-01T00:00:00Z');

function delivery(endpoint: string, subject: string): WebhookDeliveryDocument {
  return {
    _id: randomId('dlv'),
    endpoint,
    eventId: `evt_${subject}_1`,
    type: 'order.news',
    subject,
    status: 'delivered',
    attempts: 1,
    firstAttemptAt: now,
    at: now,
    forgetAt: new Date('2100-01-01T00:00:00Z'),
  };
}

// A write of many cursors outside a transaction holds the collection while it waits for one: a server that lets transactions
// wait for the collection, too, then stands still for good (SecantusDB).
it('cursors are told of news and moved by what was sent, all at the same time', {
  timeout: 20_000,
  retry: 0,
}, async () => {
  const { webhookDeliveries } = own.store;
  const endpoint = randomId('whe');
  const subjects = Array.from({ length: 8 }, () => randomId('port'));
  await webhookDeliveries.begin(endpoint, new Map(subjects.map((subject) => [subject, 0])));
  const rounds = 15;

  const telling = Array.from({ length: 4 }, async () => {
    for (let i = 0; i < rounds; i++) await webhookDeliveries.tell(endpoint, subjects, now);
  });
  const sending = subjects.map(async (subject) => {
    for (let published = 0; published < rounds; published++) {
      const cursor = { _id: `${endpoint}/${subject}`, published };
      const progress = { published: published + 1 };
      expect(await webhookDeliveries.record(cursor, progress, now, delivery(endpoint, subject))).toBe(true);
    }
  });
  await Promise.all([...telling, ...sending]);

  for (const subject of subjects) {
    expect(await webhookDeliveries.find(endpoint, subject)).toMatchObject({ published: rounds, news: 4 * rounds });
  }
});

it('an endpoint is forgotten while events of it are still recorded', { timeout: 20_000, retry: 0 }, async () => {
  const { webhookDeliveries } = own.store;
  const endpoint = randomId('whe');
  const subjects = Array.from({ length: 8 }, () => randomId('port'));
  const sendAndForget = async () => {
    await webhookDeliveries.begin(endpoint, new Map(subjects.map((subject) => [subject, 0])));
    const sending = subjects.map(async (subject) => {
      let published = 0;
      const cursor = () => ({ _id: `${endpoint}/${subject}`, published });
      while (await webhookDeliveries.record(cursor(), { published: published + 1 }, now, delivery(endpoint, subject))) {
        published++;
      }
    });
    await Promise.all([...sending, webhookDeliveries.forget(endpoint)]);
  };
  for (let i = 0; i < 4; i++) await sendAndForget();
  expect(await webhookDeliveries.findDue(endpoint, now, 1)).toEqual([]);
});
