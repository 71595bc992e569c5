import { counted } from '../../domain/counted.ts';
import { expectedDelivery } from '../../domain/route-choice/evidence.ts';
import { quantileMs } from '../../domain/route-choice/latency.ts';
import { routingParameters } from '../../domain/route-choice/parameters.ts';
import type { QualityCell } from '../../domain/route-choice/route-quality.ts';
import type { Store } from '../../store/store.ts';
import { percent } from './figures.ts';

const shownPasses = 5;

/** `portsms route show [CARRIER]`: what is known of routes now. @param tell takes each line */
export async function showRoutes(
  store: Pick<Store, 'routeQuality'>,
  carrier: string | undefined,
  now: Date,
  tell: (line: string) => void,
): Promise<number> {
  const all = await store.routeQuality.learntSince(new Date(0));
  const routes = all
    .filter((route) => carrier === undefined || route.carrier === carrier)
    .sort((a, b) => (a._id < b._id ? -1 : 1));
  if (routes.length === 0) {
    tell(
      `Nothing is known${carrier === undefined ? '' : ` of ${carrier}`} yet: it is learnt from texts that have ended, once a minute.`,
    );
    return 1;
  }
  for (const { _id, cells, latencies, receiptTimeoutMs } of routes) {
    tell(_id);
    for (const [kind, cell] of Object.entries(cells) as [QualityCell, (typeof cells)['all']][]) {
      const { delivery, weight } = expectedDelivery([cell], now, routingParameters);
      tell(
        `  ${kind.padEnd(16)}${percent(delivery).padEnd(10)}from ${counted(Math.round(weight), 'text')}, last ${cell?.at.toISOString()}`,
      );
    }
    if (latencies && receiptTimeoutMs !== undefined) {
      const half = ((quantileMs(latencies, 0.5) ?? 0) / 1000).toFixed(1);
      tell(`  receipts: half within ${half} s; missing after ${(receiptTimeoutMs / 1000).toFixed(0)} s`);
    }
  }
  for (const { from, until, texts, feedback, sampled, changes } of await store.routeQuality.passes(shownPasses, now)) {
    const seen = `${counted(texts, 'text')}${sampled ? ' (the newest)' : ''}, ${feedback} told of by callers`;
    tell(`learnt from ${from.toISOString()} to ${until.toISOString()}: ${seen}, ${counted(changes.length, 'change')}`);
  }
  return 0;
}
