import { createInterface } from 'node:readline';
import { startNode } from 'dfns';
import { median, spend } from './measure.ts';
import { counter, go, small, tenSteps } from './workloads.ts';

/**
 * A node of a cluster: `node bench/member.ts STORE TRANSPORT NAME`. It says when it is there, does what each line of its
 * input asks, and answers with a line.
 */
export type Order =
  | { readonly kind: 'steps'; readonly count: number; readonly inFlight: number }
  /** Counters to be there, one an id. */
  | { readonly kind: 'counters'; readonly ids: readonly string[] }
  /** So many signals to counters that other nodes have, one at a time. */
  | { readonly kind: 'signals'; readonly ids: readonly string[]; readonly count: number }
  | { readonly kind: 'places' };

const [store, transport, name] = process.argv.slice(2);
const node = await startNode({
  workflows: [tenSteps, counter],
  store: store!,
  transport: transport!,
  cluster: { name: 'bench', secret: 'a secret of the bench', address: name! },
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

async function obey(order: Order): Promise<unknown> {
  switch (order.kind) {
    case 'steps':
      return steps(order.count, order.inFlight);
    case 'counters':
      await Promise.all(order.ids.map(id => client.start(counter, undefined, { id })));
      return null;
    case 'signals':
      return signals(order.ids, order.count);
    case 'places': {
      const { nodes, shards } = await client.cluster();
      return { nodes: nodes.map(({ shards: owned }) => owned), ...shards };
    }
  }
}

const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`);
say('here');
for await (const line of createInterface({ input: process.stdin })) say(await obey(JSON.parse(line) as Order));
await node.stop();
process.exit();
