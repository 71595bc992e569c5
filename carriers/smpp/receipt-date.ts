import { DateTime, FixedOffsetZone, IANAZone, type Zone } from 'luxon';

/** @param name an offset like `+02:00` or the name of a zone, as the configuration has checked it */
export function zoneOf(name: string): Zone {
  const offset = /^([+-])(\d\d):(\d\d)$/.exec(name);
  if (!offset) return IANAZone.create(name);
  const minutes = Number(offset[2]) * 60 + Number(offset[3]);
  return FixedOffsetZone.instance(offset[1] === '-' ? -minutes : minutes);
}

/**
 * A date of a receipt, YYMMDDhhmm or with seconds (SMPP 3.4 appendix B), which is local to the carrier.
 * @returns RFC 3339 UTC, or undefined when it is no date
 */
export function receiptDate(text: string, zone: Zone): string | undefined {
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?$/.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map((digits) => Number(digits ?? 0));
  const date = DateTime.fromObject({ year: 2000 + (year ?? 0), month, day, hour, minute, second }, { zone });
  return date.isValid ? date.toUTC().toISO({ suppressMilliseconds: true }) : undefined;
}
