import { DfnsError } from '@dfnsjs/actor-core';
import { parseId, readOptions } from '@dfnsjs/actor-core/values';
import { createClient, type Client } from './client.ts';
import type { Fetch } from './http/fetch.ts';
import { fetchOperations } from './http/fetch-operations.ts';
import type { ClientMiddleware } from './middleware/index.ts';
import { webClock, webChance } from './web-environment.ts';

/** How `connect` reaches a node. */
export interface ConnectOptions {
  /** Sent as `Authorization: Bearer`. */
  readonly apiKey?: string | undefined;
  /** Of the executions. Default 'default'. */
  readonly namespace?: string | undefined;
  /** At a request, while the way to a node or the node fails; 1: it is not repeated. Default 8, some ten seconds. */
  readonly attempts?: number | undefined;
  /** Around calls that change something, and queries; the first outermost. */
  readonly middleware?: readonly ClientMiddleware[] | undefined;
  /** Default: the global one. */
  readonly fetch?: Fetch | undefined;
}

/**
 * A client of the node at `url`, the same as `node.client`. Nothing is sent before the first call. Requests are
 * repeated where the way to the node fails, and take effect once; then they reject with UNAVAILABLE.
 *
 * ```ts
 * const client = connect('http://localhost:3367', { apiKey: process.env.DFNS_API_KEY });
 * const receipt = await client.execute(order, input);
 * ```
 */
export function connect(url: string | URL, options?: ConnectOptions): Client {
  const given = readOptions(options, 'connect', ['apiKey', 'namespace', 'attempts', 'middleware', 'fetch']);
  const { apiKey, attempts = 8, middleware = [] } = given;
  if (apiKey !== undefined && (typeof apiKey !== 'string' || !/^[\x21-\x7e]+$/.test(apiKey))) {
    throw new DfnsError('VALIDATION', 'apiKey of connect must be a string of printable ASCII without spaces.');
  }
  if (typeof attempts !== 'number' || !Number.isSafeInteger(attempts) || attempts < 1) {
    throw new DfnsError('VALIDATION', 'attempts of connect must be a whole number of at least 1.');
  }
  if (!Array.isArray(middleware) || middleware.some(each => typeof each !== 'function')) {
    throw new DfnsError('VALIDATION', 'middleware of connect must be a list of functions (call, next) => ….');
  }
  if (given.fetch !== undefined && typeof given.fetch !== 'function') {
    throw new DfnsError('VALIDATION', 'fetch of connect must be a function.');
  }
  const send = (given.fetch ?? globalThis.fetch) as Fetch;
  const operations = fetchOperations({
    url: parseUrl(url),
    apiKey,
    attempts,
    fetch: (...call) => send(...call),
    clock: webClock,
    chance: webChance,
  });
  const namespace = given.namespace === undefined ? 'default' : parseId(given.namespace, 'namespace of connect');
  return createClient({
    operations,
    namespace,
    middleware: middleware as ClientMiddleware[],
    clock: webClock,
    chance: webChance,
  });
}

function parseUrl(value: unknown): URL {
  const url = URL.canParse(String(value)) ? new URL(String(value)) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:') && !url.username && !url.search && !url.hash) {
    return url;
  }
  const got = typeof value === 'string' && !url?.username ? JSON.stringify(value.slice(0, 200)) : 'something else';
  throw new DfnsError(
    'VALIDATION',
    `connect takes the URL of a node, such as "http://localhost:3367" (an API key goes into apiKey); got ${got}.`,
  );
}
