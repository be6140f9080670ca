import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { DfnsError } from '@dfnsjs/actor-core';
import { credsAuthenticator } from 'nats/lib/src/nats-base-client.js';
import type { Wire } from '../wire.ts';
import { type NatsAddress, parseNatsAddress } from './address.ts';
import type { LinkSecurity } from './link.ts';
import { NatsWire, type NatsWireOptions } from './nats-wire.ts';
import { subjectsOf } from './subjects.ts';

export interface OpenNatsOptions extends Pick<NatsWireOptions, 'clock' | 'chance' | 'log'> {
  readonly cluster: string;
}

/** The wire over the servers of `url`; files that it names are read now. Errors as of `openWire`. */
export async function openNats(url: string, { cluster, ...rest }: OpenNatsOptions): Promise<Wire> {
  const subjects = subjectsOf(cluster);
  const address = parseNatsAddress(url);
  return new NatsWire({ ...rest, address, subjects, security: await securityOf(address) });
}

async function securityOf({ login, tls, files }: NatsAddress): Promise<(host: string) => LinkSecurity> {
  const [ca, cert, key, creds] = await Promise.all([files.ca, files.cert, files.key, files.creds].map(contentOf));
  const credentials = creds === undefined ? { ...login } : { ...login, authenticator: authenticatorOf(creds) };
  // Without it the client would encrypt where the server offers to, and believe any name but this server's.
  if (!tls) return () => ({ ...credentials, tls: null });
  const pem = Object.fromEntries(Object.entries({ ca, cert, key }).filter(([, text]) => text !== undefined));
  return host => {
    // What the certificate must name. An address may not be asked for by name, and the client knows no word for it.
    const expected: object = isIP(host) ? { host } : { servername: host };
    return { ...credentials, tls: { ...pem, ...expected } };
  };
}

async function contentOf(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new DfnsError('VALIDATION', `The file ${path}, which the URL of NATS names, cannot be read.`, { cause });
  }
}

function authenticatorOf(creds: string): NonNullable<LinkSecurity['authenticator']> {
  const authenticator = credsAuthenticator(new TextEncoder().encode(creds));
  try {
    // Now rather than at each connection: what is wrong with the file is wrong with it then.
    authenticator('nonce');
  } catch {
    // The cause is left out: it may hold what is in the file.
    throw new DfnsError(
      'VALIDATION',
      'The credentials file that the URL of NATS names is none: take one that nsc wrote.',
    );
  }
  return authenticator;
}
