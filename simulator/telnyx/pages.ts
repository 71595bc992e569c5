import type { Request } from 'express';

const DEFAULT_SIZE = 20;
const MAX_SIZE = 250;

export interface Page<T> {
  readonly data: T[];
  readonly meta: {
    readonly page_number: number;
    readonly page_size: number;
    readonly total_pages: number;
    readonly total_results: number;
  };
}

/** The page of a list that `page[number]` and `page[size]` ask for. */
export function pageOf<T>(items: readonly T[], request: Request): Page<T> {
  const asked = (request.query.page ?? {}) as { number?: string; size?: string };
  const size = Math.min(Math.max(Number(asked.size) || DEFAULT_SIZE, 1), MAX_SIZE);
  const number = Math.max(Number(asked.number) || 1, 1);
  return {
    data: items.slice((number - 1) * size, number * size),
    meta: {
      page_number: number,
      page_size: size,
      total_pages: Math.max(Math.ceil(items.length / size), 1),
      total_results: items.length,
    },
  };
}
