import { DfnsError } from '@dfnsjs/actor-core';
import type { Chance, Clock, Log } from '@dfnsjs/actor-core/ports';
import { Hub } from './hub.ts';
import type { Wire } from './wire.ts';

export interface OpenWireOptions {
  /** Letters, digits, "_" and "-"; up to 64. Clusters of one server are apart by it. */
  readonly cluster: string;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}

/**
 * Makes the wire that `url` names: `memory:` (of this process, with nobody at the other end), `nats://…` or `tls://…`.
 * It connects when it is opened. VALIDATION for anything else, a URL that cannot be one, or a file in it that cannot be
 * read.
 */
export async function openWire(url: string, options: OpenWireOptions): Promise<Wire> {
  const scheme = url.slice(0, Math.max(url.indexOf(':'), 0));
  switch (scheme) {
    case 'memory':
      return new Hub(options.clock).wire();
    case 'nats':
    case 'tls':
      return (await import('./nats/open.ts')).openNats(url, options);
    default:
      // Of the URL only the scheme is shown, since the rest of one may hold a password.
      throw new DfnsError(
        'VALIDATION',
        `No transport for "${scheme}": a transport is "nats://USER:PASSWORD@HOST:PORT", the same with "tls://", or "memory:".`,
        { details: { scheme, schemes: ['memory', 'nats', 'tls'] } },
      );
  }
}
