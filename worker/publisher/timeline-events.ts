import { eventId } from '../../domain/event-id.ts';
import { orderStatuses } from '../../domain/lifecycle/order.ts';
import type { Store } from '../../store/store.ts';
import type { TimelineRecord } from '../../store/timeline.ts';
import type { EventSource, OutgoingEvent } from './event-source.ts';

/** Where subjects are read, by the beginning of their id; plans are read as ports are. */
const resources: Readonly<Record<string, string>> = { port_: '/v1/ports/', pout_: '/v1/port-outs/' };

/** Every step of every timeline is an event. */
export function timelineEvents(store: Pick<Store, 'timeline' | 'numbers' | 'vault'>, publicUrl: string): EventSource {
  const { timeline } = store;
  return {
    news: async (limit) => (await timeline.news(limit)).map(({ _id, chain }) => ({ id: _id, subject: chain })),
    forgetNews: timeline.forgetNews,
    onNews: timeline.onAppend,
    positionAt: timeline.positionAt,
    async after(subject, seq, limit) {
      const records = await timeline.page(subject, seq, limit);
      const keys = new Set(records.map(({ numberKey }) => numberKey).filter((key) => key !== undefined));
      const numbers = await store.numbers.findMany([...keys]);
      return records.map((record) => {
        const number = record.numberKey === undefined ? undefined : numbers.get(record.numberKey);
        return asEvent(record, number && store.vault.open(number.number), publicUrl);
      });
    },
  };
}

function asEvent(record: TimelineRecord, phoneNumber: string | undefined, publicUrl: string): OutgoingEvent {
  const { chain, seq, type, at, actor, detail, carrierEventId } = record;
  const status = orderStatuses.find((each) => type === `order.${each}`);
  const isPort = chain.startsWith('port_');
  const self = Object.entries(resources).find(([prefix]) => chain.startsWith(prefix))?.[1];
  return {
    id: eventId(chain, seq),
    seq,
    type,
    at,
    data: {
      subject: chain,
      ...(isPort && { portId: chain }),
      seq,
      ...(status && { status }),
      ...(phoneNumber !== undefined && { phoneNumber }),
      actor,
      detail,
      ...(carrierEventId !== undefined && { carrierEventId }),
      ...(self !== undefined && {
        links: { self: `${publicUrl}${self}${chain}`, timeline: `${publicUrl}${self}${chain}/timeline` },
      }),
    },
  };
}
