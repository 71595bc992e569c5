import { tellReleased } from '../../intake/campaign-stops.ts';
import type { Store } from '../../store/store.ts';
import { type Operation, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { campaignStopEnded, campaignStopList, campaignStopPath } from '../schemas/campaign-stops.ts';
import { moment } from '../views/moment.ts';

const tag = 'Delivery';

/** Campaigns that carriers block. */
export function campaignStopOperations({
  store,
}: {
  readonly store: Pick<Store, 'campaignStops' | 'numbers' | 'timeline' | 'vault'>;
}): Operation[] {
  const list = operation({
    method: 'get',
    path: '/v1/campaign-stops',
    summary: 'Campaigns and senders that are stopped',
    description:
      'Their carrier blocks them as spam or as not registered: texts are refused (`campaign-stopped`) rather than sent to be blocked, or by another route.',
    tag,
    answers: { 200: { description: 'What is stopped now.', schema: campaignStopList } },
    async handle() {
      const open = [...(await store.campaignStops.open()).values()];
      const senders = await store.numbers.findMany(open.flatMap(({ senderKey }) => senderKey ?? []));
      return {
        status: 200,
        body: {
          data: open.map(({ _id, carrier, campaignId, senderKey, kind, stoppedAt, until, stops, blocked }) => {
            const sender = senders.get(senderKey ?? '');
            return {
              id: _id,
              carrier,
              campaignId,
              sender: sender && store.vault.open(sender.number),
              kind,
              stoppedAt: moment(stoppedAt),
              until: moment(until),
              stops,
              blocked: blocked.map((text) => ({ ...text, at: moment(text.at) })),
            };
          }),
        },
      };
    },
  });

  const end = operation({
    method: 'delete',
    path: '/v1/campaign-stops/:id',
    summary: 'Let the texts of a campaign go again',
    description:
      'The id is percent-encoded: it holds slashes. Do it when the sender is registered, or the content is another one.',
    tag,
    params: campaignStopPath,
    answers: { 200: { description: 'They go again, within seconds.', schema: campaignStopEnded } },
    problems: ['unknown-campaign-stop'],
    async handle({ params: { id } }) {
      if (!(await store.campaignStops.end(id))) {
        throw new Problem('unknown-campaign-stop', 'Take the id from GET /v1/campaign-stops.');
      }
      await tellReleased(id, store, new Date());
      return { status: 200, body: { id, ended: true } };
    },
  });

  return [list, end];
}
