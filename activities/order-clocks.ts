import { ApplicationFailure } from '@temporalio/common';
import type { Carrier } from '../carriers/carrier.ts';
import { parsePhoneNumber } from '../domain/phone-number.ts';
import type { PortRequest } from '../domain/port-request.ts';
import { orderClocks } from '../domain/porting-clocks.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import type { PortActivities } from './interfaces.ts';

/** By when what should have happened to an order: asked here, because calendars, zones and facts stay out of workflows. */
export function createClockReader(deps: {
  readonly store: Pick<Store, 'ports' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly now?: () => Date;
}): Pick<PortActivities, 'readClocks'> {
  const { store, carriers, now = () => new Date() } = deps;
  return {
    async readClocks({ portId, submittedAt, focAt, activatedAt, conflictSince }) {
      const port = await store.ports.find(portId);
      if (!port) throw ApplicationFailure.nonRetryable(`Port ${portId} is not in the store.`, 'unknown-port');
      const gaining = carriers.get(port.gainingCarrier)?.settings;
      const [first] = port.numbers;
      const parsed = first && parsePhoneNumber(store.vault.open(first.number));
      const type = parsed?.ok ? parsed.type : 'other';
      const date = (at: string | undefined) => (at === undefined ? undefined : new Date(at));
      return orderClocks({
        country: port.country,
        region: regionOf(port, store),
        type,
        simple: isSimple(port),
        wireless: type === 'mobile',
        adapter: gaining?.adapter ?? '',
        activation: port.activation,
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

/** One line on the account: several numbers, or others that stay, are never simple (reference: US simple port). */
function isSimple({ numbers, portType }: PortDocument): boolean {
  return numbers.length === 1 && portType === 'full';
}

function regionOf(port: PortDocument, { vault }: Pick<Store, 'vault'>): string | undefined {
  // A draft may have no address yet.
  const request = JSON.parse(vault.open(port.request)) as Partial<PortRequest>;
  return request.subscriber?.serviceAddress?.region;
}
