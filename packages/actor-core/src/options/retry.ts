import { validation } from '../errors/dfns-error.ts';
import { type Duration, parseDuration } from '../time/duration.ts';
import { kindOf, readOptions } from './known-options.ts';

/** When and how often a task is tried again. */
export interface RetryOptions {
  /** Attempts in all, the first counted; 1 is at most once. Default: no limit. */
  readonly maxAttempts?: number | undefined;
  /** Wait before the second attempt. Default 1 s. */
  readonly initial?: Duration | undefined;
  /** What each wait is multiplied by, from 1. Default 2. */
  readonly factor?: number | undefined;
  /** Longest wait. Default 1 min, or `initial` where that is longer. */
  readonly max?: Duration | undefined;
  /** Part of a wait that is random, 0 to 1. Default 0.2. */
  readonly jitter?: number | undefined;
  /** Names of errors that end the task at once, also of a base class or of a cause. */
  readonly nonRetryable?: readonly string[] | undefined;
}

export interface ParsedRetry {
  /** Infinity: no limit. */
  readonly maxAttempts: number;
  readonly initialMs: number;
  readonly factor: number;
  readonly maxMs: number;
  readonly jitter: number;
  readonly nonRetryable: ReadonlySet<string>;
}

export const DEFAULT_RETRY: ParsedRetry = Object.freeze({
  maxAttempts: Infinity,
  initialMs: 1_000,
  factor: 2,
  maxMs: 60_000,
  jitter: 0.2,
  nonRetryable: new Set<string>(),
});

const NAMES = ['maxAttempts', 'initial', 'factor', 'max', 'jitter', 'nonRetryable'] as const;

/** What `value` does not say is as in `base`: a call's `retry` changes its task's, field by field. */
export function parseRetry(value: unknown, what: string, base: ParsedRetry = DEFAULT_RETRY): ParsedRetry {
  const given = readOptions(value, what, NAMES);
  const initial = given.initial === undefined ? undefined : parseDuration(given.initial, `initial of ${what}`);
  const max = given.max === undefined ? undefined : parseDuration(given.max, `max of ${what}`);
  if (initial !== undefined && max !== undefined && initial > max) {
    throw validation(`initial of ${what} must not be longer than max.`);
  }
  return Object.freeze({
    maxAttempts: given.maxAttempts === undefined ? base.maxAttempts : parseAttempts(given.maxAttempts, what),
    initialMs: initial ?? Math.min(base.initialMs, max ?? base.initialMs),
    factor: given.factor === undefined ? base.factor : parseNumber(given.factor, `factor of ${what}`, 1, 1_000),
    maxMs: max ?? Math.max(base.maxMs, initial ?? 0),
    jitter: given.jitter === undefined ? base.jitter : parseNumber(given.jitter, `jitter of ${what}`, 0, 1),
    nonRetryable: given.nonRetryable === undefined ? base.nonRetryable : parseErrorNames(given.nonRetryable, what),
  });
}

function parseAttempts(value: unknown, what: string): number {
  if (value === Infinity || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1)) return value;
  throw validation(
    `maxAttempts of ${what} must be an integer from 1 (the first attempt counts) or Infinity, got ${show(value)}.`,
  );
}

function parseNumber(value: unknown, what: string, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw validation(`${what} must be a number from ${least} to ${most}, got ${show(value)}.`);
}

function parseErrorNames(value: unknown, what: string): ReadonlySet<string> {
  if (!Array.isArray(value)) throw validation(`nonRetryable of ${what} must be an array of error names.`);
  const names = new Set<string>();
  for (const name of value as readonly unknown[]) {
    if (typeof name !== 'string' || name === '') {
      throw validation(`nonRetryable of ${what} must hold error names such as 'BadAddress', got ${show(name)}.`);
    }
    names.add(name);
  }
  return names;
}

function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : kindOf(value);
}
