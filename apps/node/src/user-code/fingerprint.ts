import { createHash } from 'node:crypto';
import type { AnyWorkflow } from '@dfnsjs/actor-core';

/**
 * Names a build by its workflows: names, versions and the text of their functions. It does not see what they call, so
 * code that differs only there has the same one.
 */
export function fingerprint(workflows: Iterable<AnyWorkflow>): string {
  const parts = [...workflows].map(({ name, version, run }) => JSON.stringify([name, version, String(run)])).sort();
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}
