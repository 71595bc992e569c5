/** Moments as RFC 3339 text, however each carrier writes them; workflows carry them so. */

export function isBefore(a: string, b: string): boolean {
  return Date.parse(a) < Date.parse(b);
}

/** @param ms milliseconds; @returns RFC 3339 UTC */
export function plus(at: string, ms: number): string {
  return new Date(Date.parse(at) + ms).toISOString();
}

export function later(a: string, b: string | undefined): string {
  return b !== undefined && isBefore(a, b) ? b : a;
}
