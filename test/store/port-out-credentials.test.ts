import { describe, expect, it, vi } from 'vitest';
import { compareAccount, registeredAccount } from '../../store/port-out-credentials.ts';
import { createVault } from '../../store/vault.ts';

const timing = vi.hoisted(() => ({ compared: 0 }));
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return {
    ...crypto,
    timingSafeEqual: (one: Buffer, other: Buffer) => {
      timing.compared += 1;
      return crypto.timingSafeEqual(one, other);
    },
  };
});

const vault = createVault('a secret of at least 32 characters');
const account = { accountNumber: 'A-77123', pin: '4711' };
const registered = registeredAccount(vault, 'num_a', account, new Date());

describe('what proves a request to take a number away', () => {
  it('is compared in constant time, whatever is given and however long it is', () => {
    const cases = [
      ['pin', '4711', 'match'],
      ['pin', '4712', 'mismatch'],
      ['pin', '4', 'mismatch'],
      ['pin', '4711'.repeat(50), 'mismatch'],
      ['accountNumber', 'a77123', 'match'],
      ['accountNumber', 'a77124', 'mismatch'],
    ] as const;
    for (const [field, value, result] of cases) {
      timing.compared = 0;
      expect(compareAccount(vault, 'num_a', field, registered, { [field]: value }, true), value).toBe(result);
      expect(timing.compared).toBe(1);
    }
  });

  it('what is missing, what is never told, and what nobody registered are three things', () => {
    expect(compareAccount(vault, 'num_a', 'pin', registered, {}, true)).toBe('missing');
    expect(compareAccount(vault, 'num_a', 'pin', registered, {}, false)).toBe('untold');
    expect(compareAccount(vault, 'num_a', 'postalCode', registered, { postalCode: '1' }, true)).toBe('unregistered');
    expect(compareAccount(vault, 'num_a', 'pin', undefined, account, true)).toBe('unregistered');
  });

  it('holds no value, and tells nothing of two numbers that share one', () => {
    expect(JSON.stringify(registered)).not.toMatch(/4711|77123/);
    const other = registeredAccount(vault, 'num_b', account, new Date());
    expect(other.pin).not.toBe(registered.pin);
    expect(compareAccount(vault, 'num_b', 'pin', registered, account, true)).toBe('mismatch');
  });
});
