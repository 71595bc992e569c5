import type { NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';

type Change = Parameters<Store['numbers']['change']>[2];

/**
 * Changes a number's routing conditionally, as often as somebody else was first (invariant 1).
 * @param next what it becomes; undefined: it stays
 * @returns false when it stayed
 * @throws Error when the number has no record
 */
export async function changeRouting(
  store: Pick<Store, 'numbers'>,
  numberKey: string,
  next: (number: NumberDocument) => Change | undefined,
  ended?: NumberDocument['history'][number],
): Promise<boolean> {
  for (;;) {
    const number = await store.numbers.find(numberKey);
    if (!number) throw new Error(`Number ${numberKey} has no record; register it and try again.`);
    const change = next(number);
    if (!change) return false;
    if (await store.numbers.change(numberKey, number.version, change, ended)) return true;
  }
}
