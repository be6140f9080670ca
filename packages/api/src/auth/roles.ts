import type { Permission } from '@dfnsjs/client/http';

const READER: readonly Permission[] = ['read', 'query'];
const APP: readonly Permission[] = [...READER, 'start', 'signal', 'payloads'];
const OPERATOR: readonly Permission[] = [...APP, 'operate', 'nodes'];

/** What a key of each role may do. */
export const ROLES = {
  reader: new Set<Permission>(READER),
  app: new Set<Permission>(APP),
  operator: new Set<Permission>(OPERATOR),
  admin: new Set<Permission>([...OPERATOR, 'admin', 'metrics']),
  metrics: new Set<Permission>(['metrics']),
} as const satisfies Record<string, ReadonlySet<Permission>>;

export type Role = keyof typeof ROLES;

export const ROLE_NAMES = Object.keys(ROLES) as readonly Role[];
