import { z } from 'zod';
import type { Store } from '../../store/store.ts';
import { type Operation, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { carrierEvent } from '../schemas/carrier-events.ts';
import { carrierEventView } from '../views/carrier-event-view.ts';

/** What carriers told us, as they said it: where a timeline refers to. Sealed at rest, opened for who has a key. */
export function carrierEventOperations({
  store,
}: {
  readonly store: Pick<Store, 'carrierEvents' | 'subjectKeys' | 'vault'>;
}): Operation[] {
  const read = operation({
    method: 'get',
    path: '/v1/carrier-events/:id',
    summary: 'Read an event of a carrier with its raw payload',
    description: 'The id is that of a timeline’s `carrierEventId`, percent-encoded: it holds a slash.',
    tag: 'Audit',
    params: z.strictObject({ id: z.string().max(300) }),
    answers: { 200: { description: 'The event.', schema: carrierEvent } },
    problems: ['unknown-carrier-event'],
    async handle({ params }) {
      const [found] = await store.carrierEvents.findMany([params.id]);
      await store.subjectKeys.loadFor([found?.event]);
      if (!found || store.vault.isErased(found.event)) {
        throw new Problem(
          'unknown-carrier-event',
          'Take `rawPayload` of a timeline; receipts and inbound texts are forgotten after 30 days, or when the person is erased.',
        );
      }
      return { status: 200, body: carrierEventView(found, store.vault) };
    },
  });
  return [read];
}
