import { createInterface } from 'node:readline';
import { startNode, type Duration } from 'dfns';
import { median, spend } from './measure.ts';
import { counter, go, small, tenSteps } from './workloads.ts';

/**
 * A node of a cluster, or alone where TRANSPORT is empty: `node bench/member.ts STORE TRANSPORT NAME [LEASE]`. It says when
 * it is there, does what each line of its input asks, and answers with a line.
 */
export type Order =
  | { readonly kind: 'steps'; readonly count: number; readonly inFlight: number }
  /** Counters to be there, one an id. */
  | { readonly kind: 'counters'; readonly ids: readonly string[] }
  /** So many signals to counters that other nodes have, one at a time. */
  | { readonly kind: 'signals'; readonly ids: readonly string[]; readonly count: number }
  /** One query to each: milliseconds until the last of them was answered. */
  | { readonly kind: 'answers'; readonly ids: readonly string[] }
  /** An update to each, again and again for so long, whether or not the one before was answered. */
  | { readonly kind: 'updates'; readonly ids: readonly string[]; readonly everyMs: number; readonly ms: number }
  | { readonly kind: 'drain'; readonly name: string }
  | { readonly kind: 'places' };

export interface Places {
  /** Shards of each node. */
  readonly nodes: readonly number[];
  readonly total: number;
  readonly owned: number;
  readonly moving: number;
}

/** An update: to whom, and how long it took. */
export type Took = readonly [id: string, ms: number];

const [store, transport, name, lease] = process.argv.slice(2);
const node = await startNode({
  workflows: [tenSteps, counter],
  store: store!,
  ...(transport && { transport }),
  cluster: {
    name: 'bench',
    secret: 'a secret of the bench',
    address: name!,
    ...(lease !== undefined && { lease: lease as Duration }),
  },
  log: 'silent',
});
const { client } = node;

async function steps(count: number, inFlight: number): Promise<unknown> {
  let next = 0;
  const one = async () => {
    while (next++ < count) await client.execute(tenSteps, small());
  };
  return spend(() => Promise.all(Array.from({ length: inFlight }, one)));
}

async function signals(ids: readonly string[], count: number): Promise<unknown> {
  const { self } = await client.cluster();
  const elsewhere: string[] = [];
  for (const id of ids) if ((await client.get(counter, id).describe()).node !== self) elsewhere.push(id);
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const handle = client.get(counter, elsewhere[i % elsewhere.length]!);
    const begun = performance.now();
    await handle.signal(go, { by: 'bench' });
    times.push(performance.now() - begun);
  }
  return median(times);
}

async function answers(ids: readonly string[]): Promise<number> {
  const begun = performance.now();
  await Promise.all(ids.map(id => client.get(counter, id).query('count')));
  return performance.now() - begun;
}

async function updates(ids: readonly string[], everyMs: number, ms: number): Promise<readonly Took[]> {
  const took: Took[] = [];
  const inFlight = new Set<Promise<unknown>>();
  const until = performance.now() + ms;
  for (let at = performance.now(), i = 0; at < until; at += everyMs / ids.length, i++) {
    const wait = at - performance.now();
    if (wait > 1) await new Promise(resolve => setTimeout(resolve, wait));
    const id = ids[i % ids.length]!;
    const begun = performance.now();
    const done = client
      .get(counter, id)
      .update('add', undefined)
      .then(() => {
        took.push([id, performance.now() - begun]);
        inFlight.delete(done);
      });
    inFlight.add(done);
  }
  await Promise.all(inFlight);
  return took;
}

async function obey(order: Order): Promise<unknown> {
  switch (order.kind) {
    case 'steps':
      return steps(order.count, order.inFlight);
    case 'counters':
      await Promise.all(order.ids.map(id => client.start(counter, undefined, { id })));
      return null;
    case 'signals':
      return signals(order.ids, order.count);
    case 'answers':
      return answers(order.ids);
    case 'updates':
      return updates(order.ids, order.everyMs, order.ms);
    case 'drain': {
      const { nodes } = await client.cluster();
      await client.drainNode(nodes.find(({ address }) => address === order.name)!.id);
      return null;
    }
    case 'places': {
      // One whose lease is over has no session for a moment.
      const seen = await client.cluster().catch(() => undefined);
      const nodes = seen?.nodes.map(({ shards }) => shards) ?? [];
      return { nodes, total: 0, owned: 0, moving: 0, ...seen?.shards } satisfies Places;
    }
  }
}

const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`);
say('here');
for await (const line of createInterface({ input: process.stdin })) say(await obey(JSON.parse(line) as Order));
await node.stop();
process.exit();
