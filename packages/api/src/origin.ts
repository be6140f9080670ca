import { isIP } from 'node:net';
import { DfnsError } from '@dfnsjs/actor-core';

/**
 * The Host header against names that somebody else's DNS points here: a page of theirs would be of one origin with
 * this node. Addresses cannot be rebound, so all are fine.
 */
export function checkHost(host: string | undefined, allowed: ReadonlySet<string>): void {
  const name = hostName(host);
  if (name !== undefined && (isIP(name) !== 0 || allowed.has(name) || name.endsWith('.localhost'))) return;
  throw new DfnsError(
    'FORBIDDEN',
    'This node does not answer under the name in the Host header. Add the name to http.hosts if it is meant to.',
  );
}

/** State changes are refused to pages of other origins. What is no browser sends neither header. */
export function checkOrigin(origin: string | undefined, fetchSite: string | undefined, host: string | undefined): void {
  const isForeign = fetchSite === 'cross-site' || fetchSite === 'same-site';
  if (!isForeign && (origin === undefined || originHost(origin) === host?.toLowerCase())) return;
  throw new DfnsError('FORBIDDEN', 'A page of another origin cannot change anything here.');
}

/** Without port and brackets. */
export function hostName(host: string | undefined): string | undefined {
  return (
    /^\[([0-9a-f:.]+)\](?::\d+)?$/i.exec(host ?? '')?.[1] ??
    /^([^:/\s]+)(?::\d+)?$/.exec(host ?? '')?.[1]?.toLowerCase()
  );
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
