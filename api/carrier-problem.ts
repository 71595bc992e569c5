import { CarrierRefused, CarrierUnavailable } from '../carriers/errors.ts';
import { Problem } from './problem.ts';

/**
 * Asks a carrier something on behalf of a caller who waits for it.
 * @throws Problem `carrier-refused` with the carrier's own code, `carrier-unavailable`
 */
export async function askCarrier<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CarrierRefused) throw new Problem('carrier-refused', error.message, { cause: error });
    if (error instanceof CarrierUnavailable) throw new Problem('carrier-unavailable', error.message, { cause: error });
    throw error;
  }
}
