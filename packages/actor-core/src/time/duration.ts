import { BOUNDS } from '../bounds.ts';
import { validation } from '../errors/dfns-error.ts';

/** Milliseconds, seconds, minutes, hours, days, weeks. */
export type DurationUnit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w';
/** Milliseconds, or a number with a unit: `'30s'`, `'1.5h'`, `'7d'`. */
export type Duration = number | `${number}${DurationUnit}`;
/** Milliseconds since the epoch. */
export type Millis = number;
/** A moment: Date, epoch milliseconds or ISO 8601 string. */
export type Instant = Date | number | string;

const UNIT_MS: Record<DurationUnit, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const ISO = /^(\d{4}|[+-]\d{6})-(\d\d)-(\d\d)(?:[T ]|$)/;
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/;

/** Milliseconds of a duration: 0 to 100 years. `what` names the option in the VALIDATION error. */
export function parseDuration(value: unknown, what: string): number {
  let ms = NaN;
  if (typeof value === 'number') ms = value;
  else if (typeof value === 'string') {
    const match = PATTERN.exec(value);
    if (match) ms = Number(match[1]) * UNIT_MS[match[2] as DurationUnit];
  }
  if (!(ms >= 0 && ms <= BOUNDS.durationMs)) {
    // Where durations come as text a bare number is none.
    const bare = typeof value === 'string' ? "'500ms'" : '500';
    throw validation(
      `${what} must be a duration from 0 to 100 years such as ${bare}, '30s' or '1h', got ${show(value)}.`,
    );
  }
  return ms;
}

/** Milliseconds since the epoch of an instant. `what` names the option in the VALIDATION error. */
export function parseInstant(value: unknown, what: string): Millis {
  const ms = value instanceof Date ? value.getTime() : typeof value === 'string' ? isoMillis(value) : value;
  if (typeof ms !== 'number' || !Number.isFinite(ms) || Math.abs(ms) > 8.64e15) {
    throw validation(`${what} must be a Date, epoch milliseconds or an ISO string, got ${show(value)}.`);
  }
  return ms;
}

/** Milliseconds since the epoch of a day, or a time on one, in ISO 8601; NaN for other texts and days that there are not. */
export function isoMillis(text: string): Millis {
  const [, year, month, day] = ISO.exec(text) ?? [];
  // Date.parse takes "7" for a day of 2001, and 31 February for 3 March.
  return Number(day) <= daysIn(Number(year), Number(month)) ? Date.parse(text) : NaN;
}

/** The calendar is the same every 400 years, and Date.UTC takes years below 100 for others. */
function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2_000 + (year % 400), month, 0)).getUTCDate();
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
}
