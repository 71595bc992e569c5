import { afterEach, beforeEach, expect, it } from 'vitest';
import { optOutMoveList } from '../../api/schemas/opt-out-moves.ts';
import { enablement, numbers, portBody, removal, type Serving, serve } from './serving.ts';

let api: Serving;
beforeEach(async () => {
  api = await serve();
});
afterEach(() => api.stop());

const keyOf = (phoneNumber: string) => api.store.vault.numberKey(phoneNumber);

/** Its opt-outs were not all found at the gaining carrier, and its marketing waits. */
async function mismatch(portId: string, phoneNumber: string): Promise<void> {
  const numberKey = keyOf(phoneNumber);
  await api.store.optOutMoves.save({
    _id: `${portId}/${numberKey}`,
    portId,
    numberKey,
    gaining: 'beta',
    state: 'mismatch',
    from: 'list',
    listed: 3,
    missing: 2,
    exportedAt: new Date(),
  });
  const { version = 0 } = (await api.store.numbers.find(numberKey)) ?? {};
  const marketingHeld = { code: 'opt-outs-unverified', portId, since: new Date() };
  expect(await api.store.numbers.change(numberKey, version, { marketingHeld })).toBe(true);
}

it.each([
  ['a port', '/v1/ports', portBody, numbers.own],
  ['an order for texts alone', '/v1/messaging-orders', enablement, numbers.own],
  ['a removal of texts', '/v1/messaging-orders', removal, removal.phoneNumbers[0] ?? ''],
])('of %s are shown, and marketing goes on when a person vouches for what was not found', async (_, path, body, of) => {
  const { id } = (await api.post(path, body)).body;
  await mismatch(id, of);
  const shown = optOutMoveList.parse((await api.get(`${path}/${id}/opt-outs`)).body);
  expect(shown.data).toMatchObject([{ phoneNumber: of, state: 'mismatch', listed: 3, missing: 2 }]);
  const accepted = optOutMoveList.parse((await api.post(`${path}/${id}/opt-outs/accept`, {})).body);
  expect(accepted.data).toMatchObject([{ state: 'verified', acceptedBy: expect.any(String) }]);
  expect((await api.store.numbers.find(keyOf(of)))?.marketingHeld).toBeUndefined();
  expect(api.recorded.signals).toContain(`routing opt-outs/${keyOf(of)}`);
  expect((await api.store.timeline.list(id)).map(({ type }) => type)).toContain('opt-outs.accepted');
});

it('says where there is no such order', async () => {
  expect((await api.get('/v1/ports/port_none/opt-outs')).body.code).toBe('unknown-port');
  expect((await api.get('/v1/messaging-orders/txr_none/opt-outs')).body.code).toBe('unknown-order');
});
