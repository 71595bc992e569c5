import { releaseMarketing } from '../../activities/marketing-hold.ts';
import type { Engine } from '../../intake/engine.ts';
import type { Store } from '../../store/store.ts';
import { foundPort } from '../found-port.ts';
import { type Operation, operation } from '../operation.ts';
import { optOutMoveList } from '../schemas/opt-out-moves.ts';
import { portParams } from '../schemas/ports.ts';
import { moment } from '../views/moment.ts';

const tag = 'Ports';

/** Opt-outs that move with their numbers: what was found, and a person who vouches for what was not. */
export function optOutMoveOperations({
  store,
  engine,
}: {
  readonly store: Pick<Store, 'ports' | 'portPlans' | 'optOutMoves' | 'numbers' | 'timeline' | 'vault'>;
  readonly engine: Pick<Engine, 'routingChanged'>;
}): Operation[] {
  async function viewOf(id: string) {
    const port = await foundPort(store, id);
    const phoneNumbers = new Map(port.numbers.map(({ numberKey, number }) => [numberKey, store.vault.open(number)]));
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

  const list = operation({
    method: 'get',
    path: '/v1/ports/:id/opt-outs',
    summary: 'Show whether the opt-outs have moved with the numbers',
    tag,
    params: portParams,
    answers: { 200: { description: 'One for each number whose margin has begun.', schema: optOutMoveList } },
    problems: ['unknown-port'],
    handle: async ({ params: { id } }) => ({ status: 200, body: { data: await viewOf(id) } }),
  });

  const accept = operation({
    method: 'post',
    path: '/v1/ports/:id/opt-outs/accept',
    summary: 'Vouch for opt-outs that were not found',
    description:
      'Where they were not all found at the gaining carrier the number’s marketing waits. Say so when you have entered them there yourself, or know that none are missing; it goes on then.',
    tag,
    params: portParams,
    answers: { 200: { description: 'As they now stand.', schema: optOutMoveList } },
    problems: ['unknown-port'],
    async handle({ params: { id }, caller }) {
      await foundPort(store, id);
      const wrong = (await store.optOutMoves.ofPort(id)).filter(({ state }) => state === 'mismatch');
      for (const { _id, numberKey } of wrong) {
        await store.optOutMoves.change(_id, { state: 'verified', acceptedBy: caller.keyId, checkedAt: new Date() });
        await releaseMarketing(numberKey, { store, engine });
      }
      if (wrong.length > 0) {
        await store.timeline.append(id, 'opt-outs/accepted', 0, [
          {
            at: new Date().toISOString(),
            actor: 'caller',
            type: 'opt-outs.accepted',
            detail: `For ${wrong.length} numbers.`,
          },
        ]);
      }
      return { status: 200, body: { data: await viewOf(id) } };
    },
  });

  return [list, accept];
}
