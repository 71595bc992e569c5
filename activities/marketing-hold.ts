import type { Engine } from '../intake/engine.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import { changeRouting } from './routing-change.ts';
import { optOutHoldKey } from './waiting-number.ts';

type Deps = { readonly store: Pick<Store, 'numbers'>; readonly engine: Pick<Engine, 'routingChanged'> };

/** Why marketing of a number waits: its opt-outs are not known to be at its carrier. @param portId the move that they have to follow */
export function optOutsUnverified(portId: string): NonNullable<NumberDocument['marketingHeld']> {
  return { code: 'opt-outs-unverified', portId, since: new Date() };
}

/** From now on marketing of this number waits: its opt-outs are not known to be at its carrier. */
export async function holdMarketing(numberKey: string, portId: string, { store }: Deps): Promise<void> {
  await changeRouting(store, numberKey, ({ marketingHeld }) =>
    marketingHeld ? undefined : { marketingHeld: optOutsUnverified(portId) },
  );
}

/** Marketing of this number goes on, and what has waited is let go. Safe to repeat. */
export async function releaseMarketing(numberKey: string, { store, engine }: Deps): Promise<void> {
  const wasHeld = await changeRouting(store, numberKey, ({ marketingHeld }) =>
    marketingHeld ? { marketingHeld: undefined } : undefined,
  );
  if (wasHeld) await engine.routingChanged(optOutHoldKey(numberKey));
}
