import { pino } from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import { createRetentionActivities } from '../../activities/retention.ts';
import { inboundView, outboundView } from '../../api/views/message-view.ts';
import type { InboundTextDocument } from '../../store/inbound-texts.ts';
import { retentionStore } from '../../store/retention.ts';
import { ownStore } from '../store/own-store.ts';
import { ours, sampleNumber, sampleText, theirs } from '../store/samples.ts';

const own = ownStore();
const now = new Date('2027-06-30T12:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 24 * 3600_000);
const ages = [1, 29, 31, 100, 380, 400, 500];

const pass = () =>
  createRetentionActivities({ store: own.store, logger: pino({ enabled: false }), now: () => now }).forgetWhatIsOver();

async function inboundAged(days: number): Promise<InboundTextDocument> {
  const { vault, subjectKeys } = own.store;
  const fromKey = vault.numberKey(theirs);
  await subjectKeys.load([fromKey]);
  return {
    _id: `in_${days}`,
    carrier: 'alpha',
    fromKey,
    from: vault.sealFor(fromKey, theirs),
    toKey: vault.numberKey(ours),
    to: vault.seal(ours),
    text: vault.sealFor(fromKey, 'Hello'),
    receivedAt: daysAgo(days),
  };
}

beforeAll(async () => {
  const { vault, messages, inboundTexts, numbers } = own.store;
  const texts = ages.map((days) =>
    sampleText(vault, {
      _id: `msg_${days}`,
      acceptedAt: daysAgo(days),
      status: 'delivered',
      metadata: vault.seal('{}'),
    }),
  );
  // More than one portion of one moment.
  const many = Array.from({ length: 1100 }, (_, i) =>
    sampleText(vault, { _id: `many_${i}`, acceptedAt: daysAgo(50), status: 'delivered' }),
  );
  await messages.insert([...texts, ...many]);
  for (const days of ages) await inboundTexts.insert(await inboundAged(days));
  for (const days of ages) {
    const lookUp = { ported: false, source: 'enum', at: daysAgo(days) };
    const number = (digit: number) => `+12025${digit}${String(days).padStart(5, '0')}`;
    await numbers.insert(sampleNumber(vault, number(5), { own: false, routing: { state: 'settled' }, lookUp }));
    await numbers.insert(sampleNumber(vault, number(6), { lookUp }));
    // The database did not know it.
    const asked = { own: false, routing: { state: 'settled' }, askedAt: daysAgo(days) } as const;
    await numbers.insert(sampleNumber(vault, number(7), asked));
  }
});

describe('retention', () => {
  test('forgets words after 30 days, records and look-ups after 13 months, and nothing of what is ours', async () => {
    expect(await pass()).toEqual({ words: 1100 + 4 + 4, records: 4, lookUps: 4, ledgers: 0 });
    const texts = await own.store.messages.findMany(ages.map((days) => `msg_${days}`));
    expect(texts.map(({ _id }) => _id).toSorted()).toEqual(['msg_1', 'msg_100', 'msg_29', 'msg_31', 'msg_380']);
    const { vault } = own.store;
    for (const text of texts) {
      const young = ['msg_1', 'msg_29'].includes(text._id);
      const view = outboundView(text, vault);
      expect([view.text, view.metadata, view.to], text._id).toEqual(
        young ? ['Hello', {}, theirs] : [undefined, undefined, theirs],
      );
      expect(view).not.toHaveProperty('erased');
    }
    const inbound = await Promise.all(ages.map((days) => own.store.inboundTexts.find(`in_${days}`)));
    await own.store.subjectKeys.loadFor(inbound.map((each) => each?.from));
    expect(inbound.map((each) => each && inboundView(each, vault).text)).toEqual([
      'Hello',
      'Hello',
      undefined,
      undefined,
      undefined,
      null,
      null,
    ]);
    expect(await own.raw.collection('numbers').countDocuments({ own: true })).toBe(ages.length);
    expect(await own.raw.collection('numbers').countDocuments({ own: false })).toBe(2 * (ages.length - 2));
  });

  test('a second pass has nothing left to do', async () => {
    expect(await pass()).toEqual({ words: 0, records: 0, lookUps: 0, ledgers: 0 });
  });

  test('a pass that was cut off is taken up where it was', async () => {
    const { vault } = own.store;
    // Between what the last pass looked at and what is due an hour later.
    const hour = 3600_000;
    const rest = Array.from({ length: 700 }, (_, i) =>
      sampleText(vault, { _id: `rest_${i}`, acceptedAt: new Date(daysAgo(30).getTime() + hour / 2) }),
    );
    await own.store.messages.insert(rest);
    const cutoff = new Date(daysAgo(30).getTime() + hour);
    let portions = 0;
    const dies = () => {
      if (++portions === 1) throw new Error('the process has ended');
    };
    await expect(own.store.retention.forgetWords('messages', cutoff, dies)).rejects.toThrow('ended');
    expect(await own.store.retention.forgetWords('messages', cutoff, () => undefined)).toBe(700);
    const left = await own.store.messages.findMany(rest.map(({ _id }) => _id));
    expect(left.every(({ text }) => vault.isErased(text))).toBe(true);
  });

  test('a ledger is forgotten as a whole, when all of it is over, and stays when somebody adds to it meanwhile', async () => {
    const { vault } = own.store;
    const heads = own.raw.collection<{ _id: string; changedAt: Date }>('consentHeads');
    const consents = own.raw.collection<{ _id: string }>('consents');
    const ledger = async (person: string, events: { type: string; at: Date }[]) => {
      const subjectKey = vault.numberKey(person);
      await consents.insertMany(
        events.map((event, seq) => ({
          _id: `${person}/${seq}`,
          subjectKey,
          chain: subjectKey,
          seq,
          key: String(seq),
          ...event,
        })),
      );
      await heads.insertOne({ _id: subjectKey, changedAt: events.at(-1)?.at ?? now });
      return subjectKey;
    };
    const years = (count: number) => daysAgo(count * 366);
    const over = await ledger('+12025550111', [
      { type: 'granted', at: years(12) },
      { type: 'revoked', at: years(11) },
    ]);
    const stands = await ledger('+12025550112', [{ type: 'granted', at: years(12) }]);
    const optedOut = await ledger('+12025550113', [{ type: 'revoked', at: years(9) }]);
    const young = await ledger('+12025550114', [{ type: 'revoked', at: years(1) }]);
    expect((await pass()).ledgers).toBe(1);
    expect((await heads.find().toArray()).map(({ _id }) => _id).toSorted()).toEqual(
      [stands, optedOut, young].toSorted(),
    );
    expect(await consents.countDocuments({ subjectKey: over } as object)).toBe(0);

    const addsMeanwhile = retentionStore({
      collection: (name) => own.raw.collection(name),
      transaction: async (work) => {
        await heads.updateOne({ _id: optedOut }, { $set: { changedAt: now } });
        return work(undefined as never);
      },
      command: (command) => own.raw.command(command),
      ping: async () => undefined,
      sessions: own.store.transactionSessions,
      close: async () => undefined,
    });
    expect(
      await addsMeanwhile.forgetLedgers(
        years(5),
        (events) => events.length > 0 && events[0]?.subjectKey === optedOut,
        () => undefined,
      ),
    ).toBe(0);
    expect(await consents.countDocuments({ subjectKey: optedOut } as object)).toBe(1);
  });
});
