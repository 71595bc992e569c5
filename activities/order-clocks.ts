import { ApplicationFailure } from '@temporalio/common';
import type { Carrier } from '../carriers/carrier.ts';
import { activationOf } from '../domain/lifecycle/activation.ts';
import { portKindOf } from '../domain/port-kind.ts';
import type { PortRequest } from '../domain/port-request.ts';
import { orderClocks } from '../domain/porting-clocks.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import type { PortActivities } from './interfaces.ts';
import { numberFacts } from './number-facts.ts';

/** By when what should have happened to an order: asked here, because calendars, zones and facts stay out of workflows. */
export function createClockReader(deps: {
  readonly store: Pick<Store, 'ports' | 'numbers' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly now?: () => Date;
}): Pick<PortActivities, 'readClocks'> {
  const { store, carriers, now = () => new Date() } = deps;
  return {
    async readClocks({ portId, submittedAt, focAt, activatedAt, conflictSince, onDemand }) {
      const port = await store.ports.findOrder(portId);
      if (!port) throw ApplicationFailure.nonRetryable(`Port ${portId} is not in the store.`, 'unknown-port');
      // The clocks are those of a number that moves: texts that move alone have a carrier's patience instead (lifecycle/waiting.ts).
      if (port.messagingPlan === 'messaging-only') return {};
      const known = await store.numbers.findMany(port.numbers.map((each) => each.numberKey));
      const numbers = port.numbers.map(({ number, numberKey }) =>
        numberFacts(store.vault.open(number), { document: known.get(numberKey) }, carriers),
      );
      const gaining = carriers.get(port.gainingCarrier)?.settings;
      const date = (at: string | undefined) => (at === undefined ? undefined : new Date(at));
      return orderClocks({
        ...portKindOf(numbers, port.portType),
        region: regionOf(port, store),
        adapter: gaining?.adapter ?? '',
        activation: activationOf({ onDemand }, port.activation),
        now: now(),
        submittedAt: date(submittedAt),
        focAt: date(focAt),
        activatedAt: date(activatedAt),
        conflictSince: date(conflictSince),
        overrides: gaining?.clocks,
      });
    },
  };
}

function regionOf(port: PortDocument, { vault }: Pick<Store, 'vault'>): string | undefined {
  // A draft may have no address yet.
  const request = JSON.parse(vault.open(port.request)) as Partial<PortRequest>;
  return request.subscriber?.serviceAddress?.region;
}
