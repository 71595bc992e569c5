/** Carriers write the same moment in several ways. @param a and b RFC 3339 */
export function isSameMoment(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Date.parse(a) === Date.parse(b);
}
