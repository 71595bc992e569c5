/** Texts that wait for a moment rather than for a number bear a key like this; one workflow keeps all of one key. */
const prefix = 'window/';
const minuteMs = 60_000;

/** The key of what waits for a moment: its minute, or the next one where it lies within one. */
export function windowKey(opensAt: Date): string {
  const minute = new Date(Math.ceil(opensAt.getTime() / minuteMs) * minuteMs);
  return `${prefix}${minute.toISOString().replace('.000Z', 'Z')}`;
}

/** When what bears this key may go; undefined: it is a number's. */
export function openingOf(holdKey: string): string | undefined {
  return holdKey.startsWith(prefix) ? holdKey.slice(prefix.length) : undefined;
}
