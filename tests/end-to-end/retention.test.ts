import { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import { createClient } from '@dfnsjs/client';
import { ClusterNode, Hub } from '@dfnsjs/cluster';
import { MemoryStore } from '@dfnsjs/storage/memory';
import test, { type ExecutionContext } from 'ava';
import { signal, workflow, type DfnsError } from 'dfns';
import { randomUUID } from 'node:crypto';
import { ManualClock } from './manual-clock.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const chance = { random: () => Math.random(), uuid: () => randomUUID() as string };
const go = signal('go');

const quick = workflow({ name: 'quick', retention: '2d' }, async ctx => ctx.step('work', () => 'done'));
const archived = workflow({ name: 'archived' }, async ctx => ctx.step('work', () => 'done'));
const waits = workflow({ name: 'waits', retention: '2d', signals: [go] }, ctx => ctx.waitForSignal(go));

/** Tells of each execution who deleted it. */
class RetiringStore extends MemoryStore {
  readonly retired: string[] = [];
  readonly by = new Set<string>();

  override async retire(...args: Parameters<MemoryStore['retire']>) {
    const retired = await super.retire(...args);
    for (const { id } of retired) this.retired.push(id);
    if (retired.length > 0) this.by.add(args[0]);
    return retired;
  }
}

class Scene {
  readonly clock = new ManualClock();
  readonly store = new RetiringStore({ shared: true, clock: () => this.clock.now() });
  readonly #hub = new Hub(this.clock);
  readonly #t: ExecutionContext;

  constructor(t: ExecutionContext) {
    this.#t = t;
  }

  async start() {
    const workflows = new WorkflowRegistry();
    for (const each of [quick, archived, waits]) workflows.register(each);
    const { clock, store } = this;
    const starting = ClusterNode.start({
      ...{ store, clock, chance, workflows, deps: {}, build: 'b', shards: 8, settleMs: 0 },
      log: { write: () => undefined },
      connect: async () => this.#hub.wire(),
    });
    await clock.advance(100);
    const node = await starting;
    this.#t.teardown(() => node.kill());
    return { node, client: createClient({ operations: node.operations, namespace: 'default', clock, chance }) };
  }

  /** What is waited for needs time that goes by. */
  async during<T>(work: Promise<T>): Promise<T> {
    const pending = new Set([work]);
    const over = () => pending.clear();
    work.then(over, over);
    while (pending.size > 0) await this.clock.advance(10);
    return work;
  }
}

const ids = Array.from({ length: 40 }, (_, n) => `q${n}`).sort();

test('executions go once their workflow keeps them no longer, of each shard by its owner, once; others stay', async t => {
  const scene = new Scene(t);
  const { clock, store } = scene;
  const first = await scene.start();
  const key = { id: 'q0', idempotencyKey: 'key' };
  await scene.during(first.client.execute(quick, undefined, key));
  for (const id of ids.filter(each => each !== 'q0'))
    await scene.during(first.client.execute(quick, undefined, { id }));
  await scene.during(first.client.execute(archived, undefined, { id: 'archived' }));
  await first.client.start(waits, undefined, { id: 'open' });
  await scene.during(first.node.stop());
  await clock.advance(2 * DAY_MS - 3 * MINUTE_MS);

  const { client } = await scene.start();
  const second = await scene.start();
  await scene.during(client.execute(quick, undefined, { id: 'young' }));
  await clock.advance(2 * MINUTE_MS);
  const owners = new Set((await store.shards()).map(({ owner }) => owner));
  t.is(owners.size, 2);
  t.deepEqual(store.retired, []);
  t.is((await scene.during(second.client.get('q0').describe())).status, 'completed');

  await clock.advance(4 * MINUTE_MS);
  t.deepEqual([...store.retired].sort(), ids);
  t.is(store.by.size, 2);
  const left: string[] = [];
  for await (const { id } of client.list()) left.push(id);
  t.deepEqual(left.sort(), ['archived', 'open', 'young']);
  const gone = client.get('q0').describe();
  t.is(await scene.during(gone.catch((error: DfnsError) => error.code)), 'NOT_FOUND');
  // The key was answered for a day; it and the id are free.
  t.false((await scene.during(second.client.start(quick, undefined, key))).existing);
  await scene.during(client.get('open').signal(go));
  await scene.during(client.get('open').result());
});
