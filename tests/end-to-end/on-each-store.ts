import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startNode, type DfnsNode, type NodeOptions } from 'dfns';
import { connect } from 'dfns/client';
import { postgresStore } from './postgres-stores.ts';
import { scratch } from './scratch.ts';

type Kind = 'memory' | 'sqlite' | 'postgres' | 'http';
/** For what concerns the node's own client alone. */
export const IN_PROCESS: readonly Kind[] = ['memory', 'sqlite', 'postgres'];

/**
 * Runs a test on each kind of store, and once more with the client that speaks HTTP: what it sees is the same. Each has
 * a node of its own, one after the other: bodies may share what they touch.
 */
export function onEachStore(
  title: string,
  options: Omit<NodeOptions, 'store' | 'log' | 'http'>,
  run: (t: ExecutionContext, node: DfnsNode) => Promise<void>,
  kinds: readonly Kind[] = ['memory', 'sqlite', 'postgres', 'http'],
): void {
  for (const kind of kinds) {
    test.serial(`${title} (${kind})`, async t => {
      const store = await storeOf(t, kind);
      const http = kind === 'http' ? { port: 0 } : false;
      const node = await startNode({ drainTimeout: 0, ...options, store, http, log: 'silent' });
      t.teardown(() => node.stop());
      const { namespace } = options;
      await run(t, node.url === undefined ? node : { ...node, client: connect(node.url, { namespace }) });
    });
  }
}

async function storeOf(t: ExecutionContext, kind: Kind): Promise<string> {
  if (kind === 'sqlite') return `sqlite:${join(scratch(t), 'app.db')}`;
  return kind === 'postgres' ? (await postgresStore()).store : 'memory:';
}
