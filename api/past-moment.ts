import { Problem } from './problem.ts';

/**
 * When something happened: now, unless told.
 * @param path of the field, for the problem
 * @throws Problem `invalid-request` for a moment that has not come yet
 */
export function pastMoment(path: string, given: string | undefined, now: Date): Date {
  const at = given === undefined ? now : new Date(given);
  if (at > now) {
    throw new Problem('invalid-request', 'What has happened is recorded, not what will happen.', {
      errors: [{ path, message: 'Lies in the future.' }],
    });
  }
  return at;
}
