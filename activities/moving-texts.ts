import { isFinalOrder } from '../domain/lifecycle/order.ts';
import type { Store } from '../store/store.ts';

/** A number of ours whose texts move, in plain. */
export interface MovingNumber {
  /** Of the port, or of the removal of texts. */
  readonly portId: string;
  readonly numberKey: string;
  readonly phoneNumber: string;
  /** Its cutover has not begun, or has not ended. */
  readonly open: boolean;
}

/** Whose texts move, and from which carrier to which. */
export interface MovingTexts {
  /** Absent where the losing carrier is none of ours. */
  readonly losing?: string;
  /** Absent where nobody carries the texts afterwards. */
  readonly gaining?: string;
  readonly numbers: readonly MovingNumber[];
}

/** Reads what moves by a port or by a removal of texts; no numbers where texts stay, or where there is no such order. */
export async function movingTexts(
  id: string,
  { ports, textRemovals, vault }: Pick<Store, 'ports' | 'textRemovals' | 'vault'>,
): Promise<MovingTexts> {
  const port = await ports.find(id);
  if (port?.messagingPlan === 'stay') return { numbers: [] };
  const order = port ?? (await textRemovals.find(id));
  if (!order) return { numbers: [] };
  const [losing, gaining] =
    'carrier' in order ? [order.carrier, order.nextCarrier] : [order.losingCarrier, order.gainingCarrier];
  const over = isFinalOrder(order.status);
  return {
    ...(losing !== undefined && { losing }),
    ...(gaining !== undefined && { gaining }),
    numbers: order.numbers.map(({ numberKey, number, cutover }) => ({
      portId: id,
      numberKey,
      phoneNumber: vault.open(number),
      open: !over && cutover?.outcome === undefined,
    })),
  };
}
