import { elsewhere } from '../domain/routing.ts';
import type { Engine } from '../intake/engine.ts';
import type { NumberDocument, NumberRouting } from '../store/numbers.ts';
import type { PortOutDocument } from '../store/port-outs.ts';
import type { Store } from '../store/store.ts';
import { tellDriftEnd } from './drift-news.ts';

/** Where a port-out has its numbers. */
export type Leaving = 'stays' | 'dated' | 'leaving' | 'gone';

/**
 * Makes where a port-out stands the routing of its numbers: a date is noted, so that from then on no text goes by the carrier that loses
 * them even if nobody is there to notice; from the date on texts wait; in the end the numbers are gone, or stay and what waited goes.
 * Numbers that are none of ours, whose texts go by another carrier, or that a port of our own moves, are left alone; and all of them, when
 * only voice leaves. Safe to repeat.
 * @returns how many numbers changed
 */
export async function followNumbers(
  { store, engine }: { readonly store: Store; readonly engine: Engine },
  portOut: PortOutDocument,
  stage: Leaving,
  focAt: Date | undefined,
): Promise<number> {
  if (portOut.textsStay) return 0;
  const keys = portOut.numbers.map(({ numberKey }) => numberKey);
  const [records, openPorts] = await Promise.all([store.numbers.findMany(keys), store.numberClaims.openPorts(keys)]);
  const ours = keys.filter((key) => records.get(key)?.own && !openPorts.has(key));
  let changed = 0;
  for (const key of ours) {
    if (!(await follow(store, key, portOut, stage, focAt))) continue;
    changed += 1;
    await engine.routingChanged(key);
  }
  return changed;
}

/** Changes one number's record conditionally, as often as somebody else was first (invariant 1). */
async function follow(
  store: Store,
  key: string,
  portOut: PortOutDocument,
  stage: Leaving,
  focAt: Date | undefined,
): Promise<boolean> {
  for (;;) {
    const number = await store.numbers.find(key);
    const change = number && changeOf(number, portOut, stage, focAt);
    if (!number || !change) return false;
    const ended =
      stage === 'gone'
        ? { portId: portOut._id, at: new Date(), from: portOut.carrier, to: portOut.gaining.name ?? 'another carrier' }
        : undefined;
    // What has left has nothing to compare. Said before the record forgets it, so that whoever is cut off says it again.
    const drift = stage === 'gone' ? number.drift : undefined;
    if (drift) await tellDriftEnd(store.timeline, number, drift);
    const set = drift ? { ...change, drift: undefined, drifting: undefined } : change;
    if (await store.numbers.change(key, number.version, set, ended)) return true;
  }
}

function changeOf(
  { routing, move }: NumberDocument,
  { _id: portId, carrier: losing }: PortOutDocument,
  stage: Leaving,
  focAt: Date | undefined,
): { routing?: NumberRouting; move?: NumberDocument['move'] } | undefined {
  const mine = routing.state === 'uncertain' && routing.portId === portId;
  if (!mine && !(routing.state === 'settled' && routing.carrier === losing)) return undefined;
  const dated = move?.portId === portId;
  switch (stage) {
    case 'stays':
      if (!mine && !dated) return undefined;
      return { routing: { state: 'settled', carrier: losing }, ...(dated && { move: undefined }) };
    case 'dated':
      if (!focAt || (!mine && dated && move.focAt.getTime() === focAt.getTime())) return undefined;
      return { routing: { state: 'settled', carrier: losing }, move: { portId, losing, gaining: elsewhere, focAt } };
    case 'leaving':
      if (mine) return undefined;
      return {
        routing: { state: 'uncertain', portId, losing, gaining: elsewhere, since: new Date(), activated: true },
      };
    case 'gone':
      return { routing: { state: 'gone' }, move: undefined };
  }
}
