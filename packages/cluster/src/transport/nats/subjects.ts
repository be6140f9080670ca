import { DfnsError } from '@dfnsjs/actor-core';
import type { Incarnation } from '@dfnsjs/actor-core/records';

/** The subjects of one cluster: `dfns.CLUSTER.node.INCARNATION` and `dfns.CLUSTER.all`. */
export interface Subjects {
  readonly all: string;
  of(incarnation: Incarnation): string;
}

/** VALIDATION for a cluster's name that is no single word of a subject. */
export function subjectsOf(cluster: string): Subjects {
  if (!/^[\w-]{1,64}$/.test(cluster)) {
    throw new DfnsError(
      'VALIDATION',
      'The name of a cluster has 1 to 64 letters, digits, "_" and "-": it is part of NATS subjects.',
    );
  }
  const nodes = `dfns.${cluster}.node.`;
  return { all: `dfns.${cluster}.all`, of: incarnation => nodes + incarnation };
}
