import { StoreRefusedError, type Store } from '@dfnsjs/actor-core/ports';
import { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import { createClient, type Client } from '@dfnsjs/client';
import { ClusterNode, Hub, type ClusterNodeOptions, type Wire } from '@dfnsjs/cluster';
import { SystemClock } from '../../apps/node/dist/node/system-clock.js';
import { MemoryStore } from '@dfnsjs/storage/memory';
import type { ExecutionContext } from 'ava';
import type { AnyWorkflow } from 'dfns';
import { randomUUID } from 'node:crypto';

export const chance = { random: () => Math.random(), uuid: () => randomUUID() as string };

export interface Member {
  readonly node: ClusterNode;
  readonly client: Client;
}

/** Nodes of one process on one store in memory, in real time, with short leases. */
export class Nodes {
  readonly clock = new SystemClock();
  readonly store = new MemoryStore({ shared: true, clock: () => this.clock.now() });
  readonly hub = new Hub(this.clock);
  readonly logged: string[] = [];
  readonly #t: ExecutionContext;
  readonly #workflows: readonly AnyWorkflow[];

  constructor(t: ExecutionContext, ...workflows: AnyWorkflow[]) {
    this.#t = t;
    this.#workflows = workflows;
  }

  async start(options: Partial<ClusterNodeOptions> = {}): Promise<Member> {
    const workflows = new WorkflowRegistry();
    for (const each of this.#workflows) workflows.register(each);
    const { clock, store } = this;
    const node = await ClusterNode.start({
      ...{ store, clock, chance, workflows, deps: {}, build: 'b', leaseMs: 2_000, shards: 8 },
      log: { write: (level, message) => void this.logged.push(`${level} ${message}`) },
      connect: async () => this.hub.wire(),
      ...options,
    });
    this.#t.teardown(() => node.kill());
    const client = createClient({ operations: node.operations, namespace: 'default', clock, chance });
    return { node, client };
  }
}

/** As over a transport that is away. */
export function unconnected(wire: Wire): Wire {
  return new Proxy(wire, {
    get(target, name) {
      if (name === 'connected') return false;
      if (name === 'onConnected') return () => undefined;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}

/** A store that refuses these calls while it is silent, but a commit, which it does not answer. */
export function silenced(store: Store, calls: readonly string[]) {
  let isSilent = false;
  const proxy = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (isSilent && calls.includes(String(name))) {
          return name === 'commit' ? new Promise(() => undefined) : Promise.reject(new StoreRefusedError('away'));
        }
        return (value as (...given: unknown[]) => unknown).apply(target, args);
      };
    },
  });
  return { store: proxy, silence: (silent: boolean) => void (isSilent = silent) };
}
