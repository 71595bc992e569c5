import { CarrierRefused, CarrierUnavailable } from '../errors.ts';
import { asCarrierError } from './failure.ts';

/** Makes a request that is safe to repeat. @param doing as in "submit the order" @throws CarrierRefused, CarrierUnavailable */
export type Ask = <Answer>(doing: string, request: () => PromiseLike<Answer>) => Promise<Answer>;

/** How a carrier is asked: whatever goes wrong ends as one of our errors. */
export function asking(carrier: string): Ask {
  return async (doing, request) => {
    try {
      return await request();
    } catch (error) {
      throw ourError(error, carrier, doing);
    }
  };
}

/** One of our errors, which a request inside another one may have thrown, stays as it is. */
export function ourError(error: unknown, carrier: string, doing: string): CarrierRefused | CarrierUnavailable {
  if (error instanceof CarrierRefused || error instanceof CarrierUnavailable) return error;
  return asCarrierError(error, carrier, doing);
}
