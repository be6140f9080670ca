import { DfnsError } from '@dfnsjs/actor-core';
import { parseId } from '@dfnsjs/actor-core/values';
import type { Permission } from '@dfnsjs/client/http';
import { FailureLimit } from './failure-limit.ts';
import type { KeyRing, Principal } from './keys.ts';
import { ROLES } from './roles.ts';

/** What a request may do, and where. */
export interface Access {
  readonly principal: Principal;
  readonly namespace: string;
}

/** Of a node without keys: whoever reaches it may do all. */
const ANYONE: Principal = { role: 'admin', namespace: undefined };

export interface Presented {
  readonly authorization: string | undefined;
  readonly namespace: string | undefined;
  /** Where the request comes from. */
  readonly address: string;
}

/** Tells who asks. UNAUTHENTICATED without a good key; RATE_LIMITED for an address that tried too many bad ones. */
export class Authenticator {
  readonly #keys: KeyRing | undefined;
  readonly #failures = new FailureLimit();

  /** `keys` undefined: all may do all. */
  constructor(keys: KeyRing | undefined) {
    this.#keys = keys;
  }

  principal({ authorization, address }: Presented, now: number): Principal {
    if (!this.#keys) return ANYONE;
    const key = authorization === undefined ? undefined : /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (key === undefined) {
      throw new DfnsError('UNAUTHENTICATED', 'Send an API key of this node as "Authorization: Bearer KEY".');
    }
    const waitMs = this.#failures.waitMs(address, now);
    if (waitMs > 0) {
      throw new DfnsError('RATE_LIMITED', 'Too many keys that this node does not know came from this address. Wait.', {
        details: { retryAfterMs: waitMs },
      });
    }
    const principal = this.#keys.find(key, now);
    if (principal) return principal;
    this.#failures.failed(address, now);
    throw new DfnsError('UNAUTHENTICATED', 'This node does not know that API key, or it has expired.');
  }
}

/**
 * FORBIDDEN where the role does not allow it. A namespace that the key is not for is as one that does not exist,
 * whatever is in it.
 */
export function authorize(principal: Principal, permission: Permission | undefined, presented: Presented): Access {
  if (permission) assertAllowed(principal, permission);
  const asked = presented.namespace === undefined ? undefined : parseNamespace(presented.namespace);
  const namespace = asked ?? principal.namespace ?? 'default';
  if (principal.namespace !== undefined && principal.namespace !== namespace) {
    throw new DfnsError('NOT_FOUND', `There is nothing here in namespace "${namespace}".`, { details: { namespace } });
  }
  return { principal, namespace };
}

/** A header holds ASCII: other characters are percent-encoded. */
function parseNamespace(header: string): string {
  let text = header;
  try {
    text = decodeURIComponent(header);
  } catch {
    // A percent sign that encodes nothing is one.
  }
  return parseId(text, 'X-Dfns-Namespace');
}

/** What a key may do: one of a namespace nothing that touches others. */
export function permissionsOf({ role, namespace }: Principal): ReadonlySet<Permission> {
  if (namespace === undefined) return ROLES[role];
  return new Set([...ROLES[role]].filter(permission => permission !== 'nodes'));
}

/** FORBIDDEN for a key that may not see payloads. */
export function authorizePayloads({ principal }: Access): void {
  assertAllowed(principal, 'payloads');
}

/** FORBIDDEN where the role does not allow it. */
export function assertAllowed(principal: Principal, permission: Permission): void {
  const { role, namespace } = principal;
  if (permissionsOf(principal).has(permission)) return;
  if (namespace !== undefined && ROLES[role].has(permission)) {
    throw new DfnsError('FORBIDDEN', 'Nodes serve every namespace: this needs a key that is not for one alone.');
  }
  throw new DfnsError(
    'FORBIDDEN',
    `This needs a key with the permission "${permission}"; one of role ${role} lacks it.`,
  );
}

export function mayReadPayloads({ principal }: Access): boolean {
  return ROLES[principal.role].has('payloads');
}
