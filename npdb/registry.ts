import type { ConfiguredCarrier, PortabilityAdapter, PortabilityEntry } from './adapter.ts';
import { enumAdapter } from './enum/enum-adapter.ts';
import { FirstAnswer } from './first-answer.ts';
import type { PortabilityDatabase } from './portability-database.ts';
import { telnyxLookupAdapter } from './telnyx/telnyx-adapter.ts';

/** Every look-up by the name that the configuration calls it; a new one is added here and nowhere else. */
export const portabilityAdapters: ReadonlyMap<string, PortabilityAdapter> = new Map<string, PortabilityAdapter>([
  ['enum', enumAdapter],
  ['telnyx', telnyxLookupAdapter],
]);

/**
 * Makes the configured look-ups into one that asks them in their order.
 * @throws Error when an adapter is unknown, which `loadCarriers` has ruled out
 */
export function createPortabilityDatabase({
  portability,
  carriers,
}: {
  readonly portability: readonly PortabilityEntry[];
  readonly carriers: readonly ConfiguredCarrier[];
}): PortabilityDatabase {
  return new FirstAnswer(
    portability.map((config) => {
      const adapter = portabilityAdapters.get(config.adapter);
      if (!adapter) throw new Error(`The portability look-up ${config.adapter} is unknown.`);
      return adapter.create(config, carriers);
    }),
  );
}
