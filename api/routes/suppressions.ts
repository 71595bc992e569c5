import type { Store } from '../../store/store.ts';
import { type Operation, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import {
  suppressionList,
  suppressionPath,
  suppressionQuery,
  suppressionScope,
  suppressionsRemoved,
} from '../schemas/suppressions.ts';
import { moment } from '../views/moment.ts';

const tag = 'Delivery';

/** Recipients who can't be reached. */
export function suppressionOperations({
  store,
}: {
  readonly store: Pick<Store, 'suppressions' | 'vault'>;
}): Operation[] {
  const list = operation({
    method: 'get',
    path: '/v1/suppressions',
    summary: 'Whether a recipient is suppressed, and why',
    description:
      'After a permanent failure that is the recipient’s own, texts from that kind of sender are refused for 90 days (`recipient-suppressed`), ' +
      'unless it consents anew, writes, or moves to another provider.',
    tag,
    query: suppressionQuery,
    answers: {
      200: { description: 'One for each kind of sender; none: it is not suppressed.', schema: suppressionList },
    },
    async handle({ query }) {
      const found = await store.suppressions.ofSubjects([store.vault.numberKey(query.phoneNumber)]);
      return {
        status: 200,
        body: {
          data: found.map(({ senderKind, since, until, code, carrierCode, messageId }) => ({
            senderKind,
            since: moment(since),
            until: moment(until),
            code,
            carrierCode,
            messageId,
          })),
        },
      };
    },
  });

  const remove = operation({
    method: 'delete',
    path: '/v1/suppressions/:e164',
    summary: 'Let texts go to a recipient again',
    tag,
    params: suppressionPath,
    query: suppressionScope,
    answers: { 200: { description: 'How many were taken back.', schema: suppressionsRemoved } },
    problems: ['not-suppressed'],
    async handle({ params, query }) {
      const removed = await store.suppressions.remove(store.vault.numberKey(params.e164), query.senderKind);
      if (removed === 0)
        throw new Problem('not-suppressed', 'There is nothing to take back; see GET /v1/suppressions.');
      return { status: 200, body: { removed } };
    },
  });

  return [list, remove];
}
