import {
  addSums,
  type MetricDimension,
  type MetricKey,
  type MetricSums,
  noTexts,
} from '../../domain/delivery-metrics.ts';
import { type BucketSize, beginningOf, bucketSizes } from '../../store/delivery-metrics.ts';
import type { Store } from '../../store/store.ts';
import { type Operation, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { deliveryMetricsAnswer, metricsQuery } from '../schemas/delivery-metrics.ts';
import { metricView } from '../views/metric-view.ts';
import { moment } from '../views/moment.ts';

const dayMs = 24 * 3600_000;
/** Without a span: the last day. */
const usualSpanMs = dayMs;
/** Intervals in one answer: a month of hours. */
const mostIntervals = 750;
/** Longer spans are added up of larger buckets: fewer to read, and all that is asked for without intervals is the sum. */
const hoursFromMs = 6 * 3600_000;
const daysFromMs = 7 * dayMs;
/** Sums that are added at a time: bounds memory, however long the span. */
const portion = 200;

interface Group {
  readonly at?: Date;
  readonly key: Partial<MetricKey>;
  sums: MetricSums;
  waiting: MetricSums[];
}

/** What became of texts. */
export function deliveryMetricOperations({ store }: { readonly store: Pick<Store, 'deliveryMetrics'> }): Operation[] {
  const read = operation({
    method: 'get',
    path: '/v1/metrics/delivery',
    summary: 'Delivery rate, latency, cost and codes',
    description:
      'Of texts by the time when they ended, up to the last minute or two. Read from buckets of minutes (kept 3 days), hours and days (13 months), ' +
      'so the span begins where a bucket does.',
    tag: 'Delivery',
    query: metricsQuery,
    answers: {
      200: {
        description: 'The groups, the largest first; with an interval in the order of time.',
        schema: deliveryMetricsAnswer,
      },
    },
    problems: ['span-too-long'],
    async handle({ query }) {
      const to = query.to ? new Date(query.to) : new Date();
      const asked = query.from ? new Date(query.from) : new Date(to.getTime() - usualSpanMs);
      if (asked >= to) throw new Problem('invalid-request', '`from` has to be before `to`.');
      const size = query.interval ?? sizeFor(to.getTime() - asked.getTime());
      if (query.interval && to.getTime() - asked.getTime() > mostIntervals * bucketSizes[size].ms) {
        throw new Problem(
          'span-too-long',
          `At most ${mostIntervals} intervals are answered: ask for a shorter span, or larger ones.`,
        );
      }
      const from = beginningOf(size, asked);
      const groups = await sumUp({ size, from, to, dimensions: query.groupBy, apart: query.interval !== undefined });
      const inOrder = groups.sort((a, b) =>
        a.at && b.at ? a.at.getTime() - b.at.getTime() || b.sums.texts - a.sums.texts : b.sums.texts - a.sums.texts,
      );
      return {
        status: 200,
        body: {
          from: moment(from),
          to: moment(to),
          size,
          data: inOrder.map(({ at, key, sums }) => ({ at: moment(at), ...key, ...metricView(sums) })),
        },
      };
    },
  });

  async function sumUp(of: {
    readonly size: BucketSize;
    readonly from: Date;
    readonly to: Date;
    readonly dimensions: readonly MetricDimension[];
    readonly apart: boolean;
  }): Promise<Group[]> {
    const groups = new Map<string, Group>();
    for await (const bucket of store.deliveryMetrics.ofSpan(of.size, of.from, of.to)) {
      const key = Object.fromEntries(of.dimensions.map((name) => [name, bucket[name]])) as Partial<MetricKey>;
      const name = JSON.stringify([of.apart ? bucket.at.getTime() : 0, ...of.dimensions.map((each) => bucket[each])]);
      const group = groups.get(name) ?? { ...(of.apart && { at: bucket.at }), key, sums: noTexts, waiting: [] };
      group.waiting.push(bucket);
      if (group.waiting.length === portion) addWaiting(group);
      groups.set(name, group);
    }
    for (const group of groups.values()) addWaiting(group);
    return [...groups.values()];
  }

  return [read];
}

function addWaiting(group: Group): void {
  group.sums = addSums([group.sums, ...group.waiting]);
  group.waiting = [];
}

function sizeFor(spanMs: number): BucketSize {
  if (spanMs <= hoursFromMs) return 'minute';
  return spanMs <= daysFromMs ? 'hour' : 'day';
}
