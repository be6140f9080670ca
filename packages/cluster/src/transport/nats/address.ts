import { DfnsError } from '@dfnsjs/actor-core';

/** Where NATS is, and who asks: what a URL says. */
export interface NatsAddress {
  readonly servers: readonly NatsHost[];
  /** The servers must prove who they are, and what is sent is encrypted. */
  readonly tls: boolean;
  readonly login: { readonly user: string; readonly pass: string } | { readonly token: string } | undefined;
  /** Paths of PEM files, and of a NATS credentials file. */
  readonly files: Readonly<Partial<Record<'ca' | 'cert' | 'key' | 'creds', string>>>;
  /** As in `nats://user@host:4222,other:4222`, for logs and errors: no passwords, tokens or parameters. */
  readonly shown: string;
}

export interface NatsHost {
  readonly hostname: string;
  readonly port: number;
}

const DEFAULT_PORT = 4222;
const FILES = ['ca', 'cert', 'key', 'creds'] as const;

/**
 * Reads `nats://USER:PASSWORD@HOST:PORT,HOST:PORT?creds=FILE` or the same with `tls://`, which may have `ca`, `cert` and
 * `key` too. A user without a password is a token. VALIDATION for anything else; what it says holds nothing of the URL,
 * since any part may be the password.
 */
export function parseNatsAddress(url: string): NatsAddress {
  const [, scheme, hosts, query] = /^(nats|tls):\/\/([^?#]*)(?:\?([^#]*))?$/.exec(url) ?? [];
  if (scheme === undefined || hosts === undefined) throw unreadable();
  const parsed = hosts.split(',').map(host => parseHost(host.replace(`${scheme}://`, '')));
  const { username, password } = parsed[0]!;
  if (parsed.slice(1).some(each => each.username && (each.username !== username || each.password !== password))) {
    throw new DfnsError('VALIDATION', 'All NATS servers of a URL have one user: name it at the first.');
  }
  const tls = scheme === 'tls';
  const files = parseFiles(query ?? '', tls);
  return {
    servers: parsed.map(({ hostname, port }) => ({
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port: port ? Number(port) : DEFAULT_PORT,
    })),
    tls,
    login: username
      ? password
        ? { user: decoded(username), pass: decoded(password) }
        : { token: decoded(username) }
      : undefined,
    files,
    shown: `${scheme}://${password ? `${username}@` : ''}${parsed.map(({ hostname, port }) => `${hostname}:${port || DEFAULT_PORT}`).join(',')}`,
  };
}

function parseHost(text: string): URL {
  let parsed: URL;
  try {
    parsed = new URL(`nats://${text}`);
  } catch {
    // The cause is left out: it holds the URL.
    throw unreadable();
  }
  if (!parsed.hostname || (parsed.pathname !== '' && parsed.pathname !== '/')) throw unreadable();
  return parsed;
}

function parseFiles(query: string, tls: boolean): NatsAddress['files'] {
  const parameters = new URLSearchParams(query);
  const files: Partial<Record<string, string>> = {};
  for (const [name, value] of parameters) {
    if (!FILES.some(each => each === name) || !value) {
      throw new DfnsError(
        'VALIDATION',
        `A NATS URL has the parameters ${FILES.join(', ')}, each a path: one is another.`,
      );
    }
    if (!tls && name !== 'creds') {
      throw new DfnsError(
        'VALIDATION',
        `The parameter ${name} of a NATS URL is for TLS: write tls:// instead of nats://.`,
      );
    }
    files[name] = value;
  }
  if ((files.cert === undefined) !== (files.key === undefined)) {
    throw new DfnsError('VALIDATION', 'A NATS URL with one of the parameters cert and key needs the other.');
  }
  return files;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unreadable();
  }
}

const unreadable = (): DfnsError =>
  new DfnsError(
    'VALIDATION',
    'The URL of NATS cannot be read: it is nats://USER:PASSWORD@HOST:PORT or tls://…, several hosts separated by commas, special characters of user and password percent-encoded.',
  );
