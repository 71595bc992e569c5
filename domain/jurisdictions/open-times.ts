import { DateTime } from 'luxon';
import { isHoliday } from '../calendar/holidays.ts';
import type { Place } from '../calendar/place.ts';
import { atWallClock } from '../calendar/wall-clock.ts';
import type { JurisdictionRow } from './row.ts';

/** One row's hours by the clocks of one zone. */
export interface HoursSource {
  readonly hours: JurisdictionRow['hours'];
  readonly zone: string;
  /** Whose public holidays it closes on. */
  readonly holidays: Place;
}

/** Open at a moment, and until when; or closed, and until when, if it opens within the days that are looked at. */
export type OpenState =
  | { readonly open: true; readonly closesAt: Date }
  | { readonly open: false; readonly opensAt: Date | undefined };

/** From `from` until before `to`, in milliseconds. */
interface Span {
  readonly from: number;
  readonly to: number;
}

const dayMs = 24 * 3600_000;
/** Looked ahead: longer than any text lives, and than any row of days off. */
const horizonMs = 14 * dayMs;
/** Worked out so far ahead at once, so that it is done every few days. */
const workedOutDays = 20;

/**
 * A text is with its carrier so long after the decision at the latest: 5 s are between claim and write at most (activities/submission.ts), and
 * a second is the shortest validity that a carrier can be given (SMPP 3.4 §7.1.1.2).
 */
const onItsWayMs = 6000;

/**
 * When all of several hours are open at once. They are worked out as spans for weeks ahead and kept: asking costs a search in a list of
 * some tens, not a calendar.
 */
export class OpenTimes {
  readonly #sources: readonly HoursSource[];
  #spans: readonly Span[] = [];
  #workedOut: Span = { from: 0, to: 0 };

  /** @param sources none: it never opens, for nothing is known of the place */
  constructor(sources: readonly HoursSource[]) {
    this.#sources = sources;
  }

  at(moment: Date): OpenState {
    const now = moment.getTime();
    if (now < this.#workedOut.from || now + horizonMs > this.#workedOut.to) this.#workOut(now);
    const next = this.#spans.find(({ to }) => to > now);
    if (!next || next.from > now + horizonMs) return { open: false, opensAt: undefined };
    return next.from <= now
      ? { open: true, closesAt: new Date(next.to) }
      : { open: false, opensAt: new Date(next.from) };
  }

  /** The same for a text that is decided about now: hours that end before it is with its carrier are over. */
  forSubmission(now: Date): OpenState {
    const state = this.at(now);
    return state.open && state.closesAt.getTime() - now.getTime() < onItsWayMs ? this.at(state.closesAt) : state;
  }

  #workOut(now: number): void {
    const from = Math.floor(now / dayMs) * dayMs;
    this.#workedOut = { from, to: from + (workedOutDays - 1) * dayMs };
    const [first, ...others] = this.#sources.map((source) => spansOf(source, from));
    this.#spans = others.reduce<readonly Span[]>(intersection, first ?? []);
  }
}

/** Places share rows and zones: what was worked out for one of them serves the others. */
const known = new WeakMap<JurisdictionRow['hours'], Map<string, readonly Span[]>>();
/** So many zones of a row are kept. */
const keptSpans = 60;

function spansOf(source: HoursSource, from: number): readonly Span[] {
  const ofRow = known.get(source.hours) ?? new Map<string, readonly Span[]>();
  known.set(source.hours, ofRow);
  const key = `${source.zone} ${from}`;
  const spans = ofRow.get(key) ?? workOutSpans(source, from);
  if (ofRow.size >= keptSpans) ofRow.clear();
  ofRow.set(key, spans);
  return spans;
}

/** The spans in which one source is open, in order; those that meet are one. */
function workOutSpans({ hours, zone, holidays }: HoursSource, from: number): readonly Span[] {
  const spans: Span[] = [];
  const start = DateTime.fromMillis(from, { zone }).startOf('day').minus({ days: 1 });
  for (let day = 0; day <= workedOutDays + 1; day++) {
    const date = start.plus({ days: day });
    const isoDate = date.toISODate() ?? '';
    if (hours.holidays === 'closed' && isHoliday(holidays, isoDate, hours.alsoClosed)) continue;
    for (const open of hours.open.filter(({ days }) => days.includes(date.weekday))) {
      const span = {
        from: atWallClock(isoDate, open.from, zone).getTime(),
        to: atWallClock(isoDate, open.to, zone).getTime(),
      };
      const last = spans.at(-1);
      if (last && last.to >= span.from) spans[spans.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
      else spans.push(span);
    }
  }
  return spans;
}

function intersection(some: readonly Span[], others: readonly Span[]): readonly Span[] {
  return some.flatMap((one) =>
    others.flatMap((other) => {
      const span = { from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) };
      return span.from < span.to ? [span] : [];
    }),
  );
}
