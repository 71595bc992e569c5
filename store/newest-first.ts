import type { Collection, Document, Filter, Sort } from 'mongodb';

/** The last document of a page: the next one begins after it. */
export interface PageEnd {
  readonly at: Date;
  readonly id: string;
}

/**
 * A page of a collection, newest first, and by id where several are of one moment. What lies behind the end of the page before is asked
 * for in two steps, the rest of its moment and then what is older, because each of them is a range of an index and both in one `$or`
 * are not for every server.
 * @param filter equalities; an index on their fields, then on `time`, serves the query
 * @param time the field that orders the collection
 */
export async function newestFirst<T extends Document & { _id: string }>(
  collection: Collection<T>,
  filter: Document,
  time: keyof T & string,
  before: PageEnd | undefined,
  limit: number,
): Promise<T[]> {
  const page = (range: Document, most: number) =>
    collection
      .find<T>({ ...filter, ...range } as Filter<T>)
      .sort({ [time]: -1, _id: -1 } as Sort)
      .limit(most)
      .toArray();
  if (!before) return page({}, limit);
  const ofThatMoment = await page({ [time]: before.at, _id: { $lt: before.id } }, limit);
  const left = limit - ofThatMoment.length;
  return left > 0 ? [...ofThatMoment, ...(await page({ [time]: { $lt: before.at } }, left))] : ofThatMoment;
}
