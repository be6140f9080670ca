import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startNode, type DfnsNode, type NodeOptions } from 'dfns';
import { scratch } from './scratch.ts';

/** Runs a test on each kind of store, with a node of its own, one after the other: bodies may share what they touch. */
export function onEachStore(
  title: string,
  options: Omit<NodeOptions, 'store' | 'log'>,
  run: (t: ExecutionContext, node: DfnsNode) => Promise<void>,
): void {
  for (const kind of ['memory', 'sqlite'] as const) {
    test.serial(`${title} (${kind})`, async t => {
      const store = kind === 'memory' ? 'memory:' : `sqlite:${join(scratch(t), 'app.db')}`;
      const node = await startNode({ drainTimeout: 0, ...options, store, log: 'silent' });
      t.teardown(() => node.stop());
      await run(t, node);
    });
  }
}
