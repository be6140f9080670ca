import { validation } from '../errors/dfns-error.ts';
import { kindOf } from './known-options.ts';

/** Of a workflow: an integer from 1. */
export function parseVersion(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  const got = typeof value === 'number' ? String(value) : kindOf(value);
  throw validation(`${what} must be an integer from 1, got ${got}.`);
}
