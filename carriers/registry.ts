import type { CarrierAdapter, CarrierEntry, Logger } from './adapter.ts';
import type { Carrier } from './carrier.ts';
import { smppAdapter } from './smpp/smpp-adapter.ts';
import { telnyxAdapter } from './telnyx/telnyx-adapter.ts';

/** Every adapter by the name that the configuration calls it; a new one is added here and nowhere else. */
export const carrierAdapters: ReadonlyMap<string, CarrierAdapter> = new Map<string, CarrierAdapter>([
  ['smpp', smppAdapter],
  ['telnyx', telnyxAdapter],
]);

/**
 * Makes the clients of all configured carriers, by id; none is connected yet.
 * @throws Error when an adapter is unknown, which `loadCarriers` has ruled out
 */
export function createCarriers(
  { carriers }: { readonly carriers: readonly CarrierEntry[] },
  dependencies: { readonly logger: Logger },
): ReadonlyMap<string, Carrier> {
  return new Map(
    carriers.map((config) => {
      const adapter = carrierAdapters.get(config.adapter);
      if (!adapter) throw new Error(`Carrier ${config.id} has the unknown adapter ${config.adapter}.`);
      return [config.id, adapter.create(config, dependencies)];
    }),
  );
}
