import { createHash } from 'node:crypto';
import type { AnyWorkflow, Layer, WorkflowCall } from '@dfnsjs/actor-core';

/**
 * Names a build by its workflows: names, versions and the text of their functions and of what stands around them. It does not see what they call, so
 * code that differs only there has the same one.
 */
export function fingerprint(workflows: Iterable<AnyWorkflow>, around: readonly Layer<WorkflowCall>[] = []): string {
  const parts = [...workflows].map(({ name, version, run }) => JSON.stringify([name, version, String(run)])).sort();
  for (const layer of around) parts.push(String(layer));
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}
