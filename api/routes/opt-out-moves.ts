import { releaseMarketing } from '../../activities/marketing-hold.ts';
import type { Engine } from '../../intake/engine.ts';
import type { PortDocument } from '../../store/ports.ts';
import type { Store } from '../../store/store.ts';
import { type FoundMessagingOrderStore, foundMessagingOrder } from '../found-messaging-order.ts';
import { type FoundPortStore, foundPort } from '../found-port.ts';
import { type Operation, operation } from '../operation.ts';
import type { ProblemCode } from '../problem-codes.ts';
import { optOutMoveList } from '../schemas/opt-out-moves.ts';
import { portParams } from '../schemas/ports.ts';
import { moment } from '../views/moment.ts';

/** Opt-outs that move with their numbers: what was found, and a person who vouches for what was not. */
export function optOutMoveOperations({
  store,
  engine,
}: {
  readonly store: FoundPortStore &
    FoundMessagingOrderStore &
    Pick<Store, 'optOutMoves' | 'numbers' | 'timeline' | 'vault'>;
  readonly engine: Pick<Engine, 'routingChanged'>;
}): Operation[] {
  type Moving = readonly Pick<PortDocument['numbers'][number], 'numberKey' | 'number'>[];

  async function viewOf(id: string, numbers: Moving) {
    const phoneNumbers = new Map(numbers.map(({ numberKey, number }) => [numberKey, store.vault.open(number)]));
    const moves = await store.optOutMoves.ofPort(id);
    return moves.map(({ numberKey, state, from, listed, missing, exportedAt, checkedAt, acceptedBy }) => ({
      phoneNumber: phoneNumbers.get(numberKey) ?? '',
      state,
      from,
      listed,
      missing,
      exportedAt: moment(exportedAt),
      checkedAt: moment(checkedAt),
      acceptedBy,
    }));
  }

  async function vouch(id: string, apiKeyId: string): Promise<void> {
    const wrong = (await store.optOutMoves.ofPort(id)).filter(({ state }) => state === 'mismatch');
    if (wrong.length === 0) return;
    for (const { _id, numberKey } of wrong) {
      await store.optOutMoves.change(_id, { state: 'verified', acceptedBy: apiKeyId, checkedAt: new Date() });
      await releaseMarketing(numberKey, { store, engine });
    }
    await store.timeline.append(id, 'opt-outs/accepted', 0, [
      {
        at: new Date().toISOString(),
        actor: 'caller',
        type: 'opt-outs.accepted',
        detail: `For ${wrong.length} numbers.`,
      },
    ]);
  }

  /** @param find the numbers of an order of this kind. @throws Problem */
  function operationsUnder(
    path: string,
    { tag, unknown, find }: { tag: string; unknown: ProblemCode; find: (id: string) => Promise<Moving> },
  ): Operation[] {
    const list = operation({
      method: 'get',
      path: `${path}/:id/opt-outs`,
      summary: 'Show whether the opt-outs have moved with the numbers',
      tag,
      params: portParams,
      answers: { 200: { description: 'One for each number whose move has begun.', schema: optOutMoveList } },
      problems: [unknown],
      handle: async ({ params: { id } }) => ({ status: 200, body: { data: await viewOf(id, await find(id)) } }),
    });
    const accept = operation({
      method: 'post',
      path: `${path}/:id/opt-outs/accept`,
      summary: 'Vouch for opt-outs that were not found',
      description:
        'Where they were not all found at the gaining carrier the number’s marketing waits. Say so when you have entered them there yourself, or know that none are missing; it goes on then.',
      tag,
      params: portParams,
      answers: { 200: { description: 'As they now stand.', schema: optOutMoveList } },
      problems: [unknown],
      async handle({ params: { id }, caller }) {
        const numbers = await find(id);
        await vouch(id, caller.keyId);
        return { status: 200, body: { data: await viewOf(id, numbers) } };
      },
    });
    return [list, accept];
  }

  return [
    ...operationsUnder('/v1/ports', {
      tag: 'Ports',
      unknown: 'unknown-port',
      find: async (id) => (await foundPort(store, id)).numbers,
    }),
    ...operationsUnder('/v1/messaging-orders', {
      tag: 'Messaging orders',
      unknown: 'unknown-order',
      async find(id) {
        const order = await foundMessagingOrder(store, id);
        return order.action === 'enable' ? order.port.numbers : order.removal.numbers;
      },
    }),
  ];
}
