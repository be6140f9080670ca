import { DfnsError } from '@dfnsjs/actor-core';
import type { AddressInfo } from 'node:net';

/** What a failure to listen means for whoever chose host and port. */
export function cannotListen(error: unknown, host: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new DfnsError(
      'UNAVAILABLE',
      `Port ${port} of ${host} is in use. End what listens there, or choose another with http: { port }; 0 takes a free one.`,
      { details: { host, port } },
    );
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    const why = code === 'EACCES' ? 'this process may not' : 'this machine has no such address';
    return new DfnsError('VALIDATION', `Cannot listen on port ${port} of ${host}: ${why}.`, {
      details: { host, port },
    });
  }
  return error;
}

/** Of all addresses the one by which this machine reaches itself. */
export function urlOf(host: string, { port, family }: AddressInfo): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${family === 'IPv6' && reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}
