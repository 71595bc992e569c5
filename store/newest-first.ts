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
 * @param shows what is left out of pages; few documents, looked at here because no index leads around them
 * @param hint the index to go by, where a server does not find it by itself
 */
export async function newestFirst<T extends Document & { _id: string }>(
  collection: Collection<T>,
  filter: Document,
  time: keyof T & string,
  before: PageEnd | undefined,
  limit: number,
  shows: (document: T) => boolean = () => true,
  hint?: Document,
): Promise<T[]> {
  const page = (range: Document, most: number) =>
    collection
      .find<T>({ ...filter, ...range } as Filter<T>, hint ? { hint } : {})
      .sort({ [time]: -1, _id: -1 } as Sort)
      .limit(most)
      .toArray();
  const behind = async (end: PageEnd | undefined, most: number): Promise<T[]> => {
    if (!end) return page({}, most);
    const ofThatMoment = await page({ [time]: end.at, _id: { $lt: end.id } }, most);
    const left = most - ofThatMoment.length;
    return left > 0 ? [...ofThatMoment, ...(await page({ [time]: { $lt: end.at } }, left))] : ofThatMoment;
  };
  const shown: T[] = [];
  for (let end = before; ; ) {
    const wanted = limit - shown.length;
    const found = await behind(end, wanted);
    shown.push(...found.filter(shows));
    const last = found.at(-1);
    if (!last || found.length < wanted || shown.length === limit) return shown;
    end = { at: last[time] as Date, id: last._id };
  }
}
