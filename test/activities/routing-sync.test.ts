import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { createRoutingSyncActivities } from '../../activities/routing-sync.ts';
import type { Possession } from '../../carriers/carrier.ts';
import { CarrierUnavailable } from '../../carriers/errors.ts';
import type { NumberDocument } from '../../store/numbers.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleNumber } from '../store/samples.ts';
import { fakeCarrier } from './fake-carrier.ts';

const own = ownStore();
const hour = 3600_000;
const day = 24 * hour;

/** Whom the database names, by number; an Error is thrown. */
let database = new Map<string, string | Error>();
let lookedUp: string[] = [];
let inventory: Possession | Error = 'has';
const refreshed: unknown[] = [];
const sync = () =>
  createRoutingSyncActivities({
    store: own.store,
    carriers: new Map([
      ['alpha', fakeCarrier('alpha', { settings: { spids: ['1234'] } })],
      [
        'telnyx',
        fakeCarrier('telnyx', {
          settings: { spids: ['073H', '465E'] },
          inventory: {
            possession: async (asked) => {
              if (inventory instanceof Error) throw inventory;
              const said = inventory;
              return new Map(asked.map((phoneNumber) => [phoneNumber, said]));
            },
          },
        }),
      ],
    ]),
    lookUps: {
      lookUp: async (phoneNumber) => {
        lookedUp.push(phoneNumber);
        const spid = database.get(phoneNumber);
        if (spid instanceof Error) throw spid;
        return spid ? { ported: true, spid, source: 'enum', at: new Date().toISOString() } : undefined;
      },
      refresh: async (numbers) => void refreshed.push(...numbers),
    },
    logger: pino({ enabled: false }),
  }).syncRouting();

let count = 0;
beforeEach(async () => {
  await own.raw.collection('numbers').deleteMany({});
  database = new Map();
  lookedUp = [];
  inventory = 'has';
  refreshed.length = 0;
});

async function numberAt(
  carrier: string,
  rest: Partial<NumberDocument> = {},
): Promise<{ phoneNumber: string; key: string }> {
  count += 1;
  const phoneNumber = `+1202555${4000 + count}`;
  await own.store.numbers.insert(
    sampleNumber(own.store.vault, phoneNumber, { routing: { state: 'settled', carrier }, ...rest }),
  );
  return { phoneNumber, key: own.store.vault.numberKey(phoneNumber) };
}
const record = async (key: string) => {
  const found = await own.store.numbers.find(key);
  if (!found) throw new Error('The number has no record.');
  return found;
};
const again = (key: string) => own.store.numbers.checkBy(key, new Date(0));
const told = async (subject: string) =>
  (await own.store.timeline.list(subject)).map(({ type, detail }) => `${type} ${detail}`);
const movedFromAlpha = (ago: number, portId: string) =>
  [{ portId, at: new Date(Date.now() - ago), from: 'alpha', to: 'telnyx' }] as const;

describe('a pass', () => {
  test('compares every own number once, and then those that are due; foreign ones and those in a cutover are left alone', async () => {
    const { key, phoneNumber } = await numberAt('telnyx');
    const moving = { state: 'uncertain', portId: 'p', gaining: 'telnyx', since: new Date(), activated: false } as const;
    await numberAt('telnyx', { routing: moving });
    await numberAt('telnyx', { own: false });
    database.set(phoneNumber, '465E');
    expect(await sync()).toEqual({ checked: 2, drifting: 0, more: false });
    expect(lookedUp).toEqual([phoneNumber]);
    expect(await sync()).toMatchObject({ checked: 0 });
    const { checkedAt, checkDueAt } = await record(key);
    expect((checkDueAt?.getTime() ?? 0) - (checkedAt?.getTime() ?? 0)).toBe(day);
    await again(key);
    expect(await sync()).toMatchObject({ checked: 1 });
  });

  test('takes a bounded chunk, and says that there is more', async () => {
    await Promise.all(Array.from({ length: 101 }, () => numberAt('alpha')));
    expect(await sync()).toMatchObject({ checked: 100, more: true });
    expect(await sync()).toMatchObject({ checked: 1, more: false });
  });

  test('looks foreign numbers up anew when what is known of them is a month old', async () => {
    const lookUp = (ago: number) => ({ ported: true, spid: '9', source: 'enum', at: new Date(Date.now() - ago) });
    const old = await numberAt('', { own: false, routing: { state: 'settled' }, lookUp: lookUp(31 * day) });
    await numberAt('', { own: false, routing: { state: 'settled' }, lookUp: lookUp(29 * day) });
    await sync();
    expect(refreshed).toEqual([(await record(old.key)).number]);
  });
});

describe('drift', () => {
  test('is kept on the number, told once to its owner, looked at hourly, and its end is told', async () => {
    const { key, phoneNumber } = await numberAt('telnyx');
    database.set(phoneNumber, '9999');
    expect(await sync()).toMatchObject({ drifting: 1 });
    const { drift, checkedAt, checkDueAt } = await record(key);
    expect(drift).toMatchObject({ kind: 'database-names-other', detail: ['spid 9999'] });
    expect((checkDueAt?.getTime() ?? 0) - (checkedAt?.getTime() ?? 0)).toBe(hour);
    await again(key);
    await sync();
    expect((await record(key)).drift?.seenAt).toEqual(drift?.seenAt);
    expect(await told(key)).toEqual([expect.stringMatching(/^number.drift .*database-names-other \(spid 9999\)/)]);
    expect((await own.store.numbers.listDrifting(10)).map(({ _id }) => _id)).toEqual([key]);
    database.set(phoneNumber, '073H');
    await again(key);
    expect(await sync()).toMatchObject({ drifting: 0 });
    expect(await told(key)).toHaveLength(2);
    expect(await own.store.numbers.listDrifting(10)).toEqual([]);
  });

  test('right after a move is a snap-back when the database names the carrier that it left; told with its port', async () => {
    const { key, phoneNumber } = await numberAt('telnyx', { history: movedFromAlpha(hour, `port_${count}`) });
    database.set(phoneNumber, '1234');
    await sync();
    expect((await record(key)).drift).toMatchObject({ kind: 'snapped-back' });
    expect(await told(`port_${count - 1}`)).toHaveLength(1);
  });

  test('after a snap-back of ours is no snap-back when the database still names the carrier that had it meanwhile', async () => {
    const there = movedFromAlpha(hour, `port_${count}`);
    const back = there.map((move) => ({ ...move, from: 'telnyx', to: 'alpha' }));
    const { key, phoneNumber } = await numberAt('alpha', { history: [...there, ...back] });
    database.set(phoneNumber, '465E');
    await sync();
    expect((await record(key)).drift).toMatchObject({ kind: 'database-names-other' });
  });

  test('long after a move it is another carrier’s number', async () => {
    const { key, phoneNumber } = await numberAt('telnyx', { history: movedFromAlpha(60 * day, 'port_old') });
    database.set(phoneNumber, '1234');
    await sync();
    expect((await record(key)).drift).toMatchObject({ kind: 'database-names-other' });
  });

  test('is what the carrier says that it has no more', async () => {
    const { key, phoneNumber } = await numberAt('telnyx');
    database.set(phoneNumber, '465E');
    inventory = 'gone';
    await sync();
    expect((await record(key)).drift).toMatchObject({ kind: 'carrier-lost-number' });
  });

  test('is not what nobody answers, nor what the database proves nothing about', async () => {
    const { key, phoneNumber } = await numberAt('telnyx');
    const british = await numberAt('telnyx', { country: 'GB', type: 'mobile' });
    database.set(phoneNumber, new Error('time-out')).set(british.phoneNumber, '1234');
    inventory = new CarrierUnavailable('away');
    expect(await sync()).toEqual({ checked: 2, drifting: 0, more: false });
    expect((await record(key)).checkDueAt).toBeInstanceOf(Date);
  });

  test('is not what an open port does, also one whose texts stay; what was seen before it ends', async () => {
    const { key, phoneNumber } = await numberAt('alpha');
    database.set(phoneNumber, '073H');
    expect(await sync()).toMatchObject({ drifting: 1 });
    await own.store.numberClaims.claim([key], 'port_stay');
    await again(key);
    expect(await sync()).toMatchObject({ checked: 1, drifting: 0 });
    expect((await record(key)).drift).toBeUndefined();
    expect(await told(key)).toEqual([
      expect.stringMatching(/^number.drift /),
      'number.drift-ended database-names-other is seen no more.',
    ]);
    await own.store.numberClaims.release([key], 'port_stay');
    await again(key);
    expect(await sync()).toMatchObject({ drifting: 1 });
  });

  test('whose end was recorded by nobody is ended at the next look', async () => {
    const { key, phoneNumber } = await numberAt('telnyx');
    database.set(phoneNumber, '9999');
    await sync();
    database.set(phoneNumber, '073H');
    await again(key);
    const { append } = own.store.timeline;
    own.store.timeline.append = () => Promise.reject(new Error('The process was killed.'));
    await expect(sync()).rejects.toThrow('killed');
    own.store.timeline.append = append;
    await sync();
    expect((await told(key)).map((each) => each.split(' ')[0])).toEqual(['number.drift', 'number.drift-ended']);
  });

  test('is measured by who has the calls, where that is not who has the texts', async () => {
    const voiceMoved = await numberAt('alpha', { voiceAt: 'telnyx' });
    const hosted = await numberAt('telnyx', { voiceAt: 'elsewhere' });
    database.set(voiceMoved.phoneNumber, '465E').set(hosted.phoneNumber, '9999');
    expect(await sync()).toMatchObject({ drifting: 0 });
    database.set(voiceMoved.phoneNumber, '1234');
    await again(voiceMoved.key);
    expect(await sync()).toMatchObject({ drifting: 1 });
  });
});
