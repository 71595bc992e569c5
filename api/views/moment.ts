/** A moment as the API answers it: RFC 3339 UTC; what has not happened stays out. */
export function moment(date: Date): string;
export function moment(date: Date | undefined): string | undefined;
export function moment(date: Date | undefined): string | undefined {
  return date?.toISOString();
}
