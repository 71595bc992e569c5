import type { MessageDocument } from '../store/messages.ts';

/** Routed under a state of the sender that is no more. @param versionOf a number without a record has version 0 */
export function isStale(
  { route }: Pick<MessageDocument, 'route'>,
  versionOf: (key: string) => number | undefined,
  now: Date,
): boolean {
  if (!route || (route.until !== undefined && route.until <= now)) return true;
  return (versionOf(route.sender.key) ?? 0) !== route.sender.version;
}
