import type { NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';

/** `ended`: a move that this ends, for the number's history. */
type Change = Parameters<Store['numbers']['change']>[2] & { readonly ended?: NumberDocument['history'][number] };

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
): Promise<boolean> {
  for (;;) {
    const number = await store.numbers.find(numberKey);
    if (!number) throw new Error(`Number ${numberKey} has no record; register it and try again.`);
    const changed = next(number);
    if (!changed) return false;
    const { ended, ...change } = changed;
    if (await store.numbers.change(numberKey, number.version, change, ended)) return true;
  }
}
