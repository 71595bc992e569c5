import { expect, it } from 'vitest';
import { type ReassignmentCheck, reassignmentFinding } from '../../domain/reassignment.ts';

const on = (day: string, reassigned: ReassignmentCheck['reassigned']) => ({
  at: new Date(`${day}T12:00:00Z`),
  reassigned,
});

it.each<[string, ReassignmentCheck | undefined, string, string]>([
  ['of the newest data', on('2027-03-15', 'no'), '2027-04-14', 'safe harbour: no on 2027-03-15'],
  ['of older data', on('2027-03-14', 'no'), '2027-03-15', 'no safe harbour: no on 2027-03-14'],
  ['over the turn of the year', on('2026-12-16', 'no'), '2027-01-03', 'safe harbour: no on 2026-12-16'],
  ['without data', on('2027-03-16', 'no-data'), '2027-03-17', 'no safe harbour: no-data on 2027-03-16'],
  ['that never was', undefined, '2027-03-17', 'no safe harbour: never looked up'],
])('a look-up %s', (_, check, today, finding) => {
  expect(reassignmentFinding(check, 15, new Date(`${today}T20:00:00Z`))).toBe(finding);
});
