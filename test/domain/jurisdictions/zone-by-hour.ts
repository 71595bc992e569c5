import type { RecipientPlaces } from '../../../domain/jurisdictions/recipient-places.ts';

/** A place in the United States (8 to 21, every day) where the clocks show this hour now: a test doesn't depend on when it runs. */
export function placeWhereItIs(hour: number, now = new Date()): RecipientPlaces {
  // East of Greenwich, from -12 to +11; the names of these zones have the sign turned round.
  const east = ((hour - now.getUTCHours() + 36) % 24) - 12;
  return { places: ['US'], zones: [east > 0 ? `Etc/GMT-${east}` : east < 0 ? `Etc/GMT+${-east}` : 'Etc/GMT'] };
}
