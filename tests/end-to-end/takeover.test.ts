import { createClient } from '@dfnsjs/client';
import { ClusterNode } from '@dfnsjs/cluster';
import { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import { MemoryStore } from '@dfnsjs/storage/memory';
import type { CommitId, Eid } from '@dfnsjs/actor-core/records';
import test, { type ExecutionContext } from 'ava';
import { signal, workflow, type AnyWorkflow } from 'dfns';
import type { ActorCommit, InboxRow } from 'dfns/store';
import { randomUUID } from 'node:crypto';
import { ManualClock } from './manual-clock.ts';
import { until } from './until.ts';

const LEASE_MS = 1_000;
const chance = { random: () => 0.5, uuid: () => randomUUID() as string };
const go = signal('go');

/** Nodes that follow one another on one store in memory, which counts what they read. */
class Scene {
  readonly clock = new ManualClock();
  /** Of the store's clock before the nodes'. */
  aheadMs = 0;
  readonly store = new CountingStore({ clock: () => this.clock.now() + this.aheadMs });
  readonly #t: ExecutionContext;
  readonly #workflows: readonly AnyWorkflow[];

  constructor(t: ExecutionContext, ...workflows: AnyWorkflow[]) {
    this.#t = t;
    this.#workflows = workflows;
  }

  async start(
    options: { readonly passivateAfterMs?: number; readonly shards?: number; readonly upkeep?: boolean } = {},
  ) {
    const workflows = new WorkflowRegistry();
    for (const each of this.#workflows) workflows.register(each);
    const { clock, store } = this;
    const log = { write: () => undefined };
    const starting = ClusterNode.start({
      // Time goes by here in years; whoever looks at what a node does each minute asks for it.
      upkeep: false,
      ...options,
      ...{ store, clock, chance, log, workflows, deps: {}, build: 'b', leaseMs: LEASE_MS },
    });
    const node = await starting;
    this.#t.teardown(() => node.kill());
    const client = createClient({ operations: node.operations, namespace: 'default', clock, chance });
    return { node, client };
  }
}

class CountingStore extends MemoryStore {
  /** What acquire and commit take their time with. */
  slow: () => Promise<void> = async () => undefined;
  /** Called when a message to another execution is durable, before its sender hears of it. */
  sent: (rows: readonly InboxRow[]) => void = () => undefined;
  loads: number[] = [];
  scans = 0;
  /** Scans wait for it. */
  gate: Promise<void> = Promise.resolve();

  override load(eids: Parameters<MemoryStore['load']>[0]) {
    this.loads.push(eids.length);
    return super.load(eids);
  }

  override async commit(batch: Parameters<MemoryStore['commit']>[0]) {
    await this.slow();
    const verdicts = await super.commit(batch);
    const rows = batch.actors.flatMap(({ sends }) => sends ?? []);
    if (rows.length > 0) this.sent(rows);
    return verdicts;
  }

  override async acquire(...args: Parameters<MemoryStore['acquire']>) {
    await this.slow();
    return super.acquire(...args);
  }

  override async due(...args: Parameters<MemoryStore['due']>) {
    this.scans++;
    await this.gate;
    return super.due(...args);
  }
}

const attempts: number[] = [];
const hangs = workflow({ name: 'hangs', signals: [go] }, async ctx => {
  const step = ctx.step('hang', t => {
    attempts.push(t.attempt);
    return new Promise<never>(() => undefined);
  });
  step.catch(() => undefined);
  await ctx.waitForSignal(go);
  return 'went';
});

test.serial(
  'an attempt that died with its node is counted once, also where a message reads the execution first',
  async t => {
    const scene = new Scene(t, hangs);
    const first = await scene.start();
    const { id } = await first.client.start(hangs);
    await until(() => attempts.length === 1);
    first.node.kill();
    await scene.clock.advance(LEASE_MS);

    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    scene.store.gate = gate;
    const second = await scene.start();
    await second.client.get(id).signal('undeclared');
    await until(() => attempts.length === 2);
    open();
    await second.node.takenOver;
    t.deepEqual(attempts, [1, 2]);
    const crashes: number[] = [];
    for await (const { type, turn } of second.client.get(id).history()) if (type === 'node-crashed') crashes.push(turn);
    t.is(crashes.length, 1);
  },
);

const waits = workflow({ name: 'waits', signals: [go] }, ctx => ctx.waitForSignal(go));

test.serial('executions at rest are not read at a takeover, and answer a signal', async t => {
  const scene = new Scene(t, waits);
  const first = await scene.start();
  for (let n = 0; n < 500; n++) await first.client.start(waits, undefined, { id: `w${n}` });
  await scene.clock.advance(11_000);
  first.node.kill();
  await scene.clock.advance(LEASE_MS);
  scene.store.loads = [];
  const second = await scene.start();
  await second.node.takenOver;
  t.deepEqual(scene.store.loads, []);
  t.is(scene.clock.timers, 0, 'nothing is asked again and again');
  await second.client.get(waits, 'w7').signal(go);
  await second.client.get(waits, 'w7').result();
  t.deepEqual(scene.store.loads, [1]);
});

const oneStep = workflow({ name: 'one-step' }, ctx => ctx.step('one', () => 1));
let held = true;
const gated = workflow({ name: 'gated' }, ctx =>
  ctx.step('gate', () => (held ? new Promise<number>(() => undefined) : 1)),
);

test.serial('what was in hand is read in batches of at most 64, and all of it goes on', async t => {
  const scene = new Scene(t, gated);
  const first = await scene.start({ shards: 1 });
  for (let n = 0; n < 300; n++) await first.client.start(gated, undefined, { id: `g${n}` });
  first.node.kill();
  await scene.clock.advance(LEASE_MS);
  held = false;
  scene.store.loads = [];
  const second = await scene.start();
  await second.node.takenOver;
  t.is(
    scene.store.loads.reduce((sum, each) => sum + each, 0),
    300,
  );
  t.true(Math.max(...scene.store.loads) <= 64);
  await until(async () => (await second.client.count({ status: 'completed' })).count === 300);
});

const sleeper = workflow({ name: 'sleeper' }, async ctx => {
  await ctx.sleep('700d');
  return ctx.now();
});

const relay = workflow({ name: 'relay' }, (ctx, to: string) => ctx.execution(waits, to).signal(go));

test.serial('a message that was stored when its node died is taken, though nothing else is due', async t => {
  const scene = new Scene(t, waits, relay);
  const first = await scene.start();
  const { id } = await first.client.start(waits);
  // At rest: only the row of the message will say that there is something to do.
  await scene.clock.advance(11_000);
  const died = new Promise<void>(resolve => {
    scene.store.sent = () => {
      first.node.kill();
      resolve();
    };
  });
  await first.client.start(relay, id);
  await died;
  await scene.clock.advance(LEASE_MS);
  const second = await scene.start();
  await second.client.get(waits, id).result();
  t.pass();
});

test.serial('a sleeper outside memory wakes at its time, without a scan every now and then', async t => {
  const scene = new Scene(t, sleeper);
  const { client } = await scene.start({ passivateAfterMs: 0 });
  const handle = await client.start(sleeper);
  const due = scene.clock.now() + 700 * 86_400_000;
  await scene.clock.advance(60_000);
  scene.store.scans = 0;
  const result = handle.result();
  await scene.clock.advance(700 * 86_400_000);
  t.is(await result, due);
  t.true(scene.store.scans <= 100, `${scene.store.scans} scans`);
});

test.serial('one that sleeps when its node dies wakes under the next', async t => {
  const scene = new Scene(t, sleeper);
  const first = await scene.start();
  const { id } = await first.client.start(sleeper);
  const due = scene.clock.now() + 700 * 86_400_000;
  await scene.clock.advance(60_000);
  first.node.kill();
  await scene.clock.advance(LEASE_MS);
  const second = await scene.start();
  await second.node.takenOver;
  const result = second.client.get(sleeper, id).result();
  await scene.clock.advance(700 * 86_400_000);
  t.is(await result, due);
});

test.serial('taking many shards from a slow store may take longer than a lease', async t => {
  const scene = new Scene(t, oneStep);
  scene.store.slow = () => scene.clock.advance(LEASE_MS / 2);
  const { client } = await scene.start();
  scene.store.slow = async () => undefined;
  t.is(await client.execute(oneStep), 1);
});

const unwell = workflow({ name: 'unwell', onError: 'hold' }, async () => {
  throw new Error('not yet');
});

test.serial('a retry of one that is held again is refused, however long the store takes', async t => {
  const scene = new Scene(t, unwell);
  scene.store.slow = async () => {
    for (let hops = 0; hops < 10; hops++) await new Promise(resolve => setImmediate(resolve));
  };
  const { client } = await scene.start();
  const handle = await client.start(unwell);
  await until(async () => (await handle.describe()).held?.code === 'ON_ERROR');
  await t.throwsAsync(handle.retry(), { code: 'NOT_RETRYABLE' });
});

test.serial('a dead owner’s lease is waited for, and a live one’s node is not replaced', async t => {
  const scene = new Scene(t, oneStep);
  const first = await scene.start();
  first.node.kill();
  let serves = false;
  const second = scene.start().then(each => {
    serves = true;
    return each;
  });
  await scene.clock.advance(LEASE_MS / 2);
  t.false(serves);
  await scene.clock.advance(LEASE_MS);
  t.is(await (await second).client.execute(oneStep), 1);
});

test.serial('a node whose store does not answer stops all the same; its executions go on at the next one', async t => {
  const scene = new Scene(t, hangs);
  const first = await scene.start();
  const handle = await first.client.start(hangs);
  const { promise: away, resolve: back } = Promise.withResolvers<void>();
  scene.store.slow = () => away;
  const told = t.throwsAsync(handle.signal(go), { code: 'UNAVAILABLE' });
  let stopped = false;
  const stopping = first.node.stop().then(() => (stopped = true));
  await scene.clock.advance(1_000);
  t.false(stopped, 'a store may take a while');
  await scene.clock.advance(10_000);
  t.true(stopped);
  await Promise.all([stopping, told]);
  back();
  scene.store.slow = async () => undefined;
  const second = await scene.start();
  const again = second.client.get(hangs, handle.id);
  await again.signal(go);
  t.is(await again.result(), 'went');
});

const sends = workflow({ name: 'sends' }, ctx => ctx.execution(waits, 'a').signal(go));

/** A message as one execution sends it to another, stored for `receiver` without anybody hearing of it. */
async function storeSilently(scene: Scene, row: InboxRow, receiver: Eid, prevSeq: number): Promise<void> {
  const owner = (await scene.store.shards()).find(({ shard }) => shard === row.shard)!;
  const { shard, epoch } = owner;
  const part: ActorCommit = { shard, epoch, eid: receiver, prevSeq, accepts: [{ ...row, receiver }] };
  const batch = { commitId: 'test' as CommitId, incarnation: owner.owner!, actors: [part] };
  const [verdict] = await scene.store.commit(batch);
  if (verdict?.kind !== 'done') throw new Error(`The message was not stored: ${verdict?.kind}`);
}

test.serial('shards that come faster than they are read are read together', async t => {
  const scene = new Scene(t, waits);
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  scene.store.gate = gate;
  const { node } = await scene.start({ shards: 256 });
  t.is(scene.store.scans, 1);
  open();
  await node.takenOver;
  // Of the first shard, and of all others: what was in hand, what is due, and when the next is.
  t.is(scene.store.scans, 6);
});

test.serial('a message whose delivery was lost is found after a while, and one to nobody goes', async t => {
  const scene = new Scene(t, waits, sends);
  const rows: InboxRow[] = [];
  scene.store.sent = sent => rows.push(...sent);
  const { client } = await scene.start({ shards: 1, upkeep: true });
  const first = await client.start(waits, undefined, { id: 'a' });
  const other = await client.start(waits, undefined, { id: 'b' });
  await client.execute(sends);
  await first.result();
  const [row] = rows;
  const { eid } = (await scene.store.current('default', 'b'))!;
  await storeSilently(scene, row!, eid, 1);
  await storeSilently(scene, row!, 999_999_999 as Eid, 0);
  await scene.clock.advance(50_000);
  t.is((await other.describe()).status, 'running');
  t.is((await scene.store.inbox([{ shard: row!.shard }], 10)).length, 2);
  await scene.clock.advance(80_000);
  await other.result();
  t.deepEqual(await scene.store.inbox([{ shard: row!.shard }], 10), []);
});

test.serial('idempotency keys go when their time is over, and not before', async t => {
  const scene = new Scene(t, waits);
  const { client } = await scene.start({ shards: 1, upkeep: true });
  const { expireKeys } = scene.store;
  let expired = 0;
  scene.store.expireKeys = async limit => {
    const count = await expireKeys.call(scene.store, limit);
    expired += count;
    return count;
  };
  for (let n = 0; n < 20; n++) {
    await client.start(waits, undefined, { id: `k${n}`, idempotencyKey: `k${n}`, onConflict: 'use-existing' });
  }
  scene.aheadMs = 24 * 3_600_000 - 70_000;
  await scene.clock.advance(61_000);
  t.is(expired, 0);
  await scene.clock.advance(61_000);
  t.is(expired, 20);
});
