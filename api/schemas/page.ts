import { z } from 'zod';

/** Where a page of a list begins: after this document, newest first. */
export interface Position {
  readonly at: Date;
  readonly id: string;
}

const cursor = z
  .string()
  .max(200)
  .transform((text, context): Position => {
    const [, at, id] = /^(\d{1,15})\.(\w+)$/.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? [];
    if (at === undefined || id === undefined) {
      context.addIssue({ code: 'custom', message: 'Not a cursor of ours: take `nextCursor` of the page before.' });
      return z.NEVER;
    }
    return { at: new Date(Number(at)), id };
  })
  .meta({ description: '`nextCursor` of the page before.', type: 'string' });

/** The part of every list's query that pages through it. */
export const paging = {
  cursor: cursor.optional(),
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'A whole number from 1 to 200.')
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 200, 'A whole number from 1 to 200.')
    .default(50)
    .meta({ type: 'integer', minimum: 1, maximum: 200, default: 50 }),
};

/** @param id names it in the OpenAPI document */
export function pageOf<Item extends z.ZodType>(id: string, item: Item) {
  return z
    .strictObject({
      data: z.array(item),
      nextCursor: z.string().nullable().meta({ description: 'Null on the last page.' }),
    })
    .meta({ id });
}

/**
 * A page of what the store found.
 * @param found one more than `limit` when there is more.
 */
export function page<Document, Item>(
  found: readonly Document[],
  limit: number,
  show: (document: Document) => Item,
  positionOf: (document: Document) => Position,
): { data: Item[]; nextCursor: string | null } {
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const position = found.length > limit && last !== undefined ? positionOf(last) : undefined;
  return {
    data: shown.map(show),
    nextCursor: position ? Buffer.from(`${position.at.getTime()}.${position.id}`).toString('base64url') : null,
  };
}
