import facts from './facts/country-zones.json' with { type: 'json' };

const zones: Readonly<Record<string, readonly string[] | undefined>> = facts.zones;

/**
 * Whether it is night in the whole of a country: in its easternmost and in its westernmost zone. False for a country that the table lacks.
 * @param country ISO 3166 alpha-2
 */
export function isNight(at: Date, country: string): boolean {
  const hours = zones[country]?.map((timeZone) => hourIn(at, timeZone)) ?? [];
  return hours.length > 0 && hours.every((hour) => hour >= facts.night.from || hour < facts.night.until);
}

function hourIn(at: Date, timeZone: string): number {
  return Number(new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone }).format(at));
}
