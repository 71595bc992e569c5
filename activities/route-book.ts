import { type PriceBook, type PriceRow, priceBook } from '../domain/route-choice/price-book.ts';
import type { RouteQuality } from '../domain/route-choice/route-quality.ts';
import type { PriceListDocument } from '../store/price-lists.ts';
import type { RouteQualityDocument } from '../store/route-quality.ts';
import type { Store } from '../store/store.ts';

/** What is known of routes and prices, as a choice needs it: in memory, a few seconds old. */
export interface RouteKnowledge {
  readonly prices: PriceBook;
  qualityOf(key: string): RouteQuality | undefined;
}

export interface RouteBook {
  /** Reads what is new, if the last look was some seconds ago. */
  current(): Promise<RouteKnowledge>;
}

/** Learning comes round once a minute; prices change on dates that are known long before. */
const freshMs = 5000;
/** Passes of learning are written by other processes, whose clocks differ. */
const overlapMs = 60_000;

/**
 * Keeps what is known of routes and prices in memory. So a bulk of texts costs no look into the store, but for one in some seconds: two
 * small queries, by index, for what has changed.
 */
export function createRouteBook(store: Pick<Store, 'routeQuality' | 'priceLists'>): RouteBook {
  const qualities = new Map<string, RouteQualityDocument>();
  const rowsOf = new Map<string, readonly PriceRow[]>();
  let prices = priceBook([]);
  let outline = '[]';
  let learntUntil = new Date(0);
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const begun = performance.now();
    const [learnt, lists] = await Promise.all([
      store.routeQuality.learntSince(new Date(learntUntil.getTime() - overlapMs)),
      store.priceLists.importedBy(new Date()),
    ]);
    for (const route of learnt) {
      qualities.set(route._id, route);
      if (route.at > learntUntil) learntUntil = route.at;
    }
    await takePrices(lists);
    lookedAt = begun;
  }

  /** Rows never change: only those of new lists are read. */
  async function takePrices(lists: readonly PriceListDocument[]): Promise<void> {
    const now = JSON.stringify(lists.map(({ _id, until }) => [_id, until]));
    if (now === outline) return;
    const unknown = lists.map(({ _id }) => _id).filter((id) => !rowsOf.has(id));
    for (const [id, rows] of await store.priceLists.rowsOf(unknown)) rowsOf.set(id, rows);
    prices = priceBook(lists.map((list) => ({ ...list, rows: rowsOf.get(list._id) ?? [] })));
    outline = now;
  }

  return {
    async current() {
      if (performance.now() - lookedAt > freshMs) {
        looking ??= look().finally(() => {
          looking = undefined;
        });
        await looking;
      }
      return { prices, qualityOf: (key) => qualities.get(key) };
    },
  };
}
