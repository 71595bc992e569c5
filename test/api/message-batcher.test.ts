import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { acceptText } from '../../api/message-acceptance.ts';
import { createMessageBatcher } from '../../api/message-batcher.ts';
import { messageRequest } from '../../api/schemas/messages.ts';
import { KeyRing } from '../../store/key-ring.ts';
import type { MessageDocument } from '../../store/messages.ts';
import type { NumberDocument } from '../../store/numbers.ts';
import type { Store } from '../../store/store.ts';
import { createVault } from '../../store/vault.ts';

const from = '+12025550143';

/** A batcher on a store whose inserts end when told. */
function batcherOn() {
  const ring = new KeyRing();
  const vault = createVault('a secret for tests with 32 characters', ring);
  const record = { own: true, routing: { state: 'settled' } } as NumberDocument;
  const loads: number[] = [];
  const inserts: { texts: number; end: () => void }[] = [];
  const store = {
    vault,
    numbers: { findMany: async (keys: readonly string[]) => new Map(keys.map((key) => [key, record])) },
    subjectKeys: {
      load: async (keys: readonly string[]) => {
        loads.push(keys.length);
        for (const key of keys) ring.hold(key, { generation: 1, key: randomBytes(32) });
      },
      erasedAt: async () => new Map(),
    },
    messages: {
      insert: (documents: readonly MessageDocument[]) =>
        new Promise<'stored'[]>((resolve) => {
          inserts.push({ texts: documents.length, end: () => resolve(documents.map(() => 'stored')) });
        }),
    },
  };
  const storeMessage = createMessageBatcher(store as unknown as Store, new Map());
  const send = (index: number) => {
    const to = `+1206555${String(2000 + index).padStart(4, '0')}`;
    const request = messageRequest.parse({ from, to, text: 'Hello', kind: 'transactional' });
    return storeMessage({ text: acceptText(`msg_${index}`, request, vault, new Date()), repeatable: false });
  };
  return { send, loads, inserts };
}

describe('texts that are stored', () => {
  it('go at once when they come alone; what comes while some are inserted goes together', async () => {
    const { send, loads, inserts } = batcherOn();
    const first = send(0);
    await expect.poll(() => inserts.map(({ texts }) => texts)).toEqual([1]);
    const others = [send(1), send(2), send(3)];
    inserts[0]?.end();
    expect((await first).repeated).toBe(false);
    await expect.poll(() => inserts.map(({ texts }) => texts)).toEqual([1, 3]);
    expect(loads).toEqual([1, 3]);
    inserts[1]?.end();
    expect((await Promise.all(others)).map(({ message }) => message._id)).toEqual(['msg_1', 'msg_2', 'msg_3']);
  });
});
