import { describe, expect, test } from 'vitest';
import { createChecklists } from '../../activities/checklists.ts';
import { CarrierUnavailable } from '../../carriers/errors.ts';
import type { SenderVerification } from '../../carriers/sender-verification.ts';
import type { NumberDocument } from '../../store/numbers.ts';
import { createVault } from '../../store/vault.ts';
import { sampleNumber } from '../store/samples.ts';
import { fakeCarrier } from './fake-carrier.ts';

const vault = createVault('a secret of at least 32 characters');
const tollFree = ['+18005550170', '+18005550171'];

/** The state of the item for a port of toll-free numbers, and one that is not. @param said by the gaining carrier */
async function stateOf(said: ReadonlyMap<string, SenderVerification> | Error): Promise<string | undefined> {
  const asked: string[][] = [];
  const records = new Map<string, NumberDocument>(
    [...tollFree, '+12025550143'].map((number) => {
      const type = number.startsWith('+1800') ? 'toll-free' : 'fixed-or-mobile';
      return [vault.numberKey(number), sampleNumber(vault, number, { type })];
    }),
  );
  const senderVerification = {
    verificationsOf: async (phoneNumbers: readonly string[]) => {
      asked.push([...phoneNumbers]);
      if (said instanceof Error) throw said;
      return said;
    },
  };
  const checklists = createChecklists({
    store: { vault, numbers: { findMany: async () => records } } as never,
    carriers: new Map([['telnyx', { ...fakeCarrier('telnyx'), senderVerification }]]),
  });
  const items = await checklists.read({
    country: 'US',
    messagingPlan: 'move',
    gainingCarrier: 'telnyx',
    numbers: [...records.keys()].map((numberKey) => ({ numberKey })),
  });
  expect(asked).toEqual([tollFree]);
  return items.find(({ item }) => item === 'toll-free-verification')?.state;
}

describe('verification of toll-free senders on the checklist', () => {
  test.each([
    ['done', ['verified', 'verified']],
    ['open', ['verified', 'pending']],
    ['open', ['verified']],
    ['open', []],
  ] as const)('is %s when the gaining carrier says %j', async (state, said) => {
    expect(await stateOf(new Map(said.map((each, index) => [tollFree[index] ?? '', each])))).toBe(state);
  });

  test('is open when the carrier does not answer, and a bug is a bug', async () => {
    expect(await stateOf(new CarrierUnavailable('away'))).toBe('open');
    await expect(stateOf(new TypeError('a bug'))).rejects.toThrow('a bug');
  });
});
