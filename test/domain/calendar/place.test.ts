import { describe, expect, it } from 'vitest';
import { isHoliday } from '../../../domain/calendar/holidays.ts';
import { npacZoneOf, type Place, regionOf, zoneOf } from '../../../domain/calendar/place.ts';

describe('a place', () => {
  it.each<[Place, string | undefined]>([
    [{ country: 'US', region: 'CA' }, 'CA'],
    [{ country: 'US', region: 'us-ca' }, 'CA'],
    [{ country: 'US', region: ' california ' }, 'CA'],
    [{ country: 'CA', region: 'Québec' }, 'QC'],
    [{ country: 'CA', region: 'Quebec' }, 'QC'],
    [{ country: 'GB', region: 'Scotland' }, 'SCT'],
    [{ country: 'DE', region: 'Bayern' }, 'BY'],
    [{ country: 'IN', region: 'Maharashtra' }, 'MH'],
    [{ country: 'US', region: 'Bavaria' }, undefined],
    [{ country: 'US' }, undefined],
    [{ country: '001', region: 'CA' }, undefined],
  ])('%j has the region %s', (place, region) => {
    expect(regionOf(place)).toBe(region);
  });

  it.each<[Place, string]>([
    [{ country: 'US' }, 'America/New_York'],
    [{ country: 'US', region: 'nowhere' }, 'America/New_York'],
    [{ country: 'US', region: 'TX' }, 'America/Chicago'],
    [{ country: 'US', region: 'ND' }, 'America/Chicago'],
    [{ country: 'US', region: 'AZ' }, 'America/Phoenix'],
    [{ country: 'US', region: 'FL' }, 'America/New_York'],
    [{ country: 'US', region: 'HI' }, 'Pacific/Honolulu'],
    [{ country: 'CA' }, 'America/Toronto'],
    [{ country: 'CA', region: 'QC' }, 'America/Toronto'],
    [{ country: 'CA', region: 'PE' }, 'America/Halifax'],
    [{ country: 'CA', region: 'SK' }, 'America/Regina'],
    [{ country: 'GB', region: 'NIR' }, 'Europe/Belfast'],
    [{ country: 'FR' }, 'Europe/Paris'],
    [{ country: 'IN' }, 'Asia/Kolkata'],
    [{ country: '001' }, 'UTC'],
  ])('%j keeps the time of %s', (place, zone) => {
    expect(zoneOf(place)).toBe(zone);
  });

  it.each<[Place, string]>([
    [{ country: 'US', region: 'MI' }, 'America/Chicago'],
    [{ country: 'US', region: 'TN' }, 'America/New_York'],
    [{ country: 'US', region: 'OR' }, 'America/Denver'],
    [{ country: 'US', region: 'NV' }, 'America/Los_Angeles'],
    [{ country: 'CA', region: 'BC' }, 'America/Toronto'],
    [{ country: 'US' }, 'America/New_York'],
  ])('%j is in an NPAC region of %s (47 CFR 52.35(e)(1))', (place, zone) => {
    expect(npacZoneOf(place)).toBe(zone);
  });
});

describe('holidays', () => {
  it.each<[string, Place, string, boolean]>([
    ['Independence Day on a Saturday', { country: 'US' }, '2026-07-04', true],
    ['its substitute on Friday', { country: 'US' }, '2026-07-03', true],
    ['New Year 2028 on a Saturday, kept in the year before', { country: 'US' }, '2027-12-31', true],
    ['Columbus Day in the federation', { country: 'US' }, '2026-10-12', true],
    ['but not in California', { country: 'US', region: 'CA' }, '2026-10-12', false],
    ['Canada Day', { country: 'CA', region: 'BC' }, '2026-07-01', true],
    ['Thanksgiving without a province', { country: 'CA' }, '2026-10-12', true],
    ['Saint-Jean-Baptiste in Quebec', { country: 'CA', region: 'QC' }, '2026-06-24', true],
    ['and not in Ontario', { country: 'CA', region: 'ON' }, '2026-06-24', false],
    ['Summer bank holiday in England', { country: 'GB' }, '2026-08-31', true],
    ['which Scotland keeps earlier', { country: 'GB', region: 'SCT' }, '2026-08-31', false],
    ['St Andrew’s Day', { country: 'GB', region: 'SCT' }, '2026-11-30', true],
    ['Boxing Day on a Saturday, kept on Monday', { country: 'GB' }, '2026-12-28', true],
    ['Battle of the Boyne', { country: 'GB', region: 'NIR' }, '2026-07-13', true],
    ['Fête nationale', { country: 'FR' }, '2026-07-14', true],
    ['Corpus Christi in Bavaria', { country: 'DE', region: 'BY' }, '2026-06-04', true],
    ['and not in Berlin', { country: 'DE', region: 'BE' }, '2026-06-04', false],
    ['Republic Day', { country: 'IN' }, '2026-01-26', true],
    ['Maharashtra Day there', { country: 'IN', region: 'MH' }, '2026-05-01', true],
    ['and nowhere else', { country: 'IN', region: 'KA' }, '2026-05-01', false],
    ['an ordinary day', { country: 'US' }, '2026-11-25', false],
    ['no country', { country: '001' }, '2026-12-25', false],
  ])('%s', (_, place, day, holiday) => {
    expect(isHoliday(place, day)).toBe(holiday);
  });
});
