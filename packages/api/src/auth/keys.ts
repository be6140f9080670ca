import { createHash, timingSafeEqual } from 'node:crypto';
import { DfnsError } from '@dfnsjs/actor-core';
import { parseId, parseInstant, readOptions } from '@dfnsjs/actor-core/values';
import { ROLE_NAMES, type Role } from './roles.ts';

export interface ApiKey {
  readonly role: Role;
  /** The key is good for this namespace alone. Default: for all. */
  readonly namespace?: string | undefined;
  /** Printable ASCII without spaces and commas. */
  readonly key: string;
  /** Default: never. */
  readonly expiresAt?: Date | number | string | undefined;
}

/** Who asks: what a key stands for. */
export interface Principal {
  readonly role: Role;
  /** undefined: all of them. */
  readonly namespace: string | undefined;
  /** When its key expires. Absent: never. */
  readonly expiresAt?: number | undefined;
}

interface Entry extends Principal {
  readonly digest: Buffer;
  readonly expiresAt: number;
}

/** The API keys of a node. Only their hashes are kept. */
export class KeyRing {
  readonly #byDigest = new Map<string, Entry>();

  constructor(keys: readonly ApiKey[]) {
    for (const { role, namespace, key, expiresAt } of keys) {
      const digest = digestOf(key);
      const text = digest.toString('base64');
      if (this.#byDigest.has(text)) throw refused(`Two of apiKeys are the same key (role ${role}). Leave one out.`);
      const until = expiresAt === undefined ? Infinity : parseInstant(expiresAt, 'expiresAt of apiKeys');
      this.#byDigest.set(text, { role, namespace, digest, expiresAt: until });
    }
  }

  get size(): number {
    return this.#byDigest.size;
  }

  /** undefined: no key of this node, or one that has expired. */
  find(key: string, now: number): Principal | undefined {
    // By its hash: how long the search takes says nothing of the key.
    const digest = digestOf(key);
    const entry = this.#byDigest.get(digest.toString('base64'));
    return entry && timingSafeEqual(entry.digest, digest) && now < entry.expiresAt ? entry : undefined;
  }
}

/** `role[@namespace]=key`, several with commas between them or as a list; or objects. VALIDATION says which is wrong. */
export function parseApiKeys(value: unknown): readonly ApiKey[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return value.split(',').filter(isThere).map(parseText);
  if (!Array.isArray(value)) throw refused('apiKeys must be a list, or text such as "app@shop=KEY,reader=KEY".');
  return value.flatMap((each: unknown) => (typeof each === 'string' ? parseApiKeys(each) : [parseObject(each)]));
}

function isThere(text: string): boolean {
  return text.trim() !== '';
}

function parseText(text: string, index: number): ApiKey {
  const equals = text.indexOf('=');
  if (equals < 0) throw refused(`Entry ${index + 1} of apiKeys must be role[@namespace]=key.`);
  const [role = '', ...rest] = text.slice(0, equals).trim().split('@');
  const namespace = rest.length === 0 ? undefined : rest.join('@');
  return parseObject({ role, namespace, key: text.slice(equals + 1).trim() });
}

function parseObject(value: unknown): ApiKey {
  const { role, namespace, key, expiresAt } = readOptions(value, 'apiKeys', ['role', 'namespace', 'key', 'expiresAt']);
  const known = ROLE_NAMES.find(each => each === role);
  // A part of the text that is no role may be a part of a key.
  if (!known) throw refused(`The role of each of apiKeys must be one of ${ROLE_NAMES.join(', ')}.`);
  if (typeof key !== 'string' || !/^[\x21-\x2b\x2d-\x7e]{1,512}$/.test(key)) {
    throw refused(`A key of role ${known} must be 1 to 512 printable ASCII characters without spaces and commas.`);
  }
  return {
    role: known,
    key,
    ...(namespace === undefined ? {} : { namespace: parseId(namespace, `The namespace of a key of role ${known}`) }),
    ...(expiresAt === undefined ? {} : { expiresAt: parseInstant(expiresAt, 'expiresAt of apiKeys') }),
  };
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function refused(message: string): DfnsError {
  return new DfnsError('VALIDATION', message, { details: { option: 'apiKeys' } });
}
