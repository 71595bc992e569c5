import type { Carrier } from '../carriers/carrier.ts';
import { Problem } from './problem.ts';

/**
 * The problem of a carrier that is not configured; it names those that are, so that a typing mistake is seen at once.
 * @param status 422 where the carrier is named in the body, 404 where it is in the address.
 */
export function unknownCarrier(carriers: ReadonlyMap<string, Carrier>, status: 404 | 422 = 422): Problem {
  return new Problem('unknown-carrier', `Configured are: ${[...carriers.keys()].join(', ') || 'none'}.`, { status });
}
