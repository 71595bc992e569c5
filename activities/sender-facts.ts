import type { SenderFacts } from '../domain/consent-decision.ts';
import { parseSender } from '../domain/sender.ts';
import type { NumberDocument } from '../store/numbers.ts';

/** Every scheme: a carrier's list of senders names what is registered with it. */
const byCarrier = {
  '10dlc': 'registered',
  'toll-free': 'registered',
  'sender-id': 'registered',
  dlt: 'registered',
} as const;

/**
 * What is known of a sender. A number's registrations stand in its record; a short code or a name is used only where a carrier's settings
 * list it as registered there.
 * @param address opens the sender; asked only where there is no record
 */
export function senderFacts(record: NumberDocument | undefined, address: () => string): SenderFacts {
  if (record) {
    return {
      kind: record.type === 'toll-free' ? 'toll-free' : 'number',
      registrations: Object.fromEntries(
        (record.registrations ?? []).map(({ scheme, state }) => [scheme, state] as const),
      ),
    };
  }
  const parsed = parseSender(address());
  if (!parsed.ok || parsed.sender.kind === 'e164') return { kind: 'number', registrations: {} };
  const { kind, value } = parsed.sender;
  return { kind, ...(kind === 'alphanumeric' && { name: value }), registrations: byCarrier };
}
