import { routeAt } from '../world/business-number.ts';
import { NETWORKS } from '../world/networks.ts';
import type { World } from '../world/world.ts';

/** What a portability database holds of one number. */
export interface PortabilityRow {
  readonly ported: boolean;
  readonly spid: string;
  readonly lrn?: string;
  readonly carrierName: string;
  readonly portedAt?: string;
  readonly country?: string;
  readonly mccMnc?: string;
}

/** @param lagMs how far this copy of the database is behind. @returns undefined when it does not know the number */
export function portabilityOf(world: World, phoneNumber: string, lagMs: number): PortabilityRow | undefined {
  const number = world.numbers.get(phoneNumber);
  if (!number) {
    const foreign = world.recipients.portability(phoneNumber);
    return foreign && { ...foreign, carrierName: foreign.carrierName ?? 'Foreign network' };
  }
  // Toll-free numbers are in the registry of the RespOrgs, not in this one.
  if (number.type === 'toll_free') return undefined;
  const route = routeAt(number.voice, Date.now() - lagMs);
  const ported = route.lrn !== undefined;
  return {
    ported,
    spid: route.spid,
    lrn: route.lrn,
    carrierName: route.carrier === 'foreign' ? 'Foreign network' : NETWORKS[route.carrier].name,
    portedAt: ported ? new Date(route.since).toISOString() : undefined,
    country: number.country,
  };
}
