import { routingAt } from '../domain/routing.ts';
import type { MessageDocument } from '../store/messages.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';

/** What the marketing of a number waits for whose opt-outs are not known to have moved with it. */
const optOutsOf = 'opt-outs/';

/** The hold of a marketing text whose sender's opt-outs are not known to be at its carrier; undefined for every other text. */
export function optOutHold(
  { kind }: Pick<MessageDocument, 'kind'>,
  sender: NumberDocument | undefined,
  now: Date,
): NonNullable<MessageDocument['hold']> | undefined {
  if (kind !== 'marketing' || !sender?.marketingHeld) return undefined;
  return { key: optOutHoldKey(sender._id), code: sender.marketingHeld.code, since: now };
}

export function optOutHoldKey(numberKey: string): string {
  return `${optOutsOf}${numberKey}`;
}

/** Whether what is held under a key has to wait on: the number's routing is uncertain, or its opt-outs are. */
export async function mustWait(holdKey: string, { numbers }: Pick<Store, 'numbers'>): Promise<boolean> {
  if (holdKey.startsWith(optOutsOf)) {
    return (await numbers.find(holdKey.slice(optOutsOf.length)))?.marketingHeld !== undefined;
  }
  const number = await numbers.find(holdKey);
  return number !== null && routingAt(number.routing, number.move, new Date()).state === 'uncertain';
}
