import { validation } from '../errors/dfns-error.ts';
import { parseId, parseName } from '../ids/name.ts';
import { kindOf, parseChoice, readOptions } from './known-options.ts';
import { parseVersion } from './version.ts';

/** What to do when an open execution has the id. */
export type OnConflict = 'fail' | 'use-existing' | 'terminate-existing';
/** Whether the id of a closed execution may be used again. */
export type Reuse = 'always' | 'after-failure' | 'never';

/** How an execution is started. `Attributes` are the values that its workflow declares. */
export interface StartOptions<Attributes = unknown> {
  /** 1 to 512 bytes. Default: made. */
  readonly id?: string | undefined;
  /** Default 'fail', with ALREADY_RUNNING. With 'use-existing' the input is ignored. */
  readonly onConflict?: OnConflict | undefined;
  /** Default 'always'. */
  readonly reuse?: Reuse | undefined;
  /** Searchable values. */
  readonly attributes?: Attributes | undefined;
  /** Travel with the execution to its tasks. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The same key with the same call answers the first one's outcome for 24 h. */
  readonly idempotencyKey?: string | undefined;
  /** Default: the highest that is registered. */
  readonly version?: number | undefined;
}

export interface ParsedStart<Attributes> {
  readonly id: string | undefined;
  readonly onConflict: OnConflict;
  readonly reuse: Reuse;
  readonly attributes: Attributes | undefined;
  readonly headers: ReadonlyMap<string, string> | undefined;
  readonly idempotencyKey: string | undefined;
  readonly version: number | undefined;
}

const NAMES = ['id', 'onConflict', 'reuse', 'attributes', 'headers', 'idempotencyKey', 'version'] as const;

/** `parseAttributes` knows what the workflow declares. */
export function parseStart<Attributes>(
  value: unknown,
  parseAttributes: (attributes: unknown) => Attributes,
): ParsedStart<Attributes> {
  const given = readOptions(value, 'start', NAMES);
  return Object.freeze({
    id: given.id === undefined ? undefined : parseId(given.id, 'id of start'),
    onConflict: parseChoice(given.onConflict ?? 'fail', 'onConflict of start', [
      'fail',
      'use-existing',
      'terminate-existing',
    ]),
    reuse: parseChoice(given.reuse ?? 'always', 'reuse of start', ['always', 'after-failure', 'never']),
    attributes: given.attributes === undefined ? undefined : parseAttributes(given.attributes),
    headers: given.headers === undefined ? undefined : parseHeaders(given.headers),
    idempotencyKey:
      given.idempotencyKey === undefined ? undefined : parseId(given.idempotencyKey, 'idempotencyKey of start'),
    version: given.version === undefined ? undefined : parseVersion(given.version, 'version of start'),
  });
}

/** VALIDATION unless it is an object of strings. */
export function parseHeaders(value: unknown): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw validation(`headers of start must be an object of strings, got ${kindOf(value)}.`);
  }
  const headers = new Map<string, string>();
  for (const [name, header] of Object.entries(value)) {
    parseName(name, 'A name in headers of start');
    if (typeof header !== 'string') {
      throw validation(`headers of start: ${JSON.stringify(name)} must be a string, got ${kindOf(header)}.`);
    }
    headers.set(name, header);
  }
  return headers;
}
