import { get } from 'node:http';
import { json } from 'node:stream/consumers';
import { startNats } from '@dfnsjs/nats-server';
import test from 'ava';
import { connect, type Cluster } from 'dfns';
import { Command, project } from '../end-to-end/command.ts';
import { promtoolComplaints } from '../end-to-end/exposition.ts';
import { postgresStore } from '../end-to-end/postgres-stores.ts';
import { until } from '../end-to-end/until.ts';

const FILE = `
  import { signal, workflow } from 'dfns';
  const go = signal('go');
  export const waits = workflow({ name: 'waits', signals: [go] }, ctx => ctx.waitForSignal(go));`;

/** The node that a new connection comes to. */
const answering = async (url: string) => {
  const reply = await new Promise<Parameters<typeof json>[0]>(done => get(`${url}/v1/info`, { agent: false }, done));
  return ((await json(reply)) as { node: string }).node;
};
const places = ({ nodes }: Cluster) => nodes.map(({ address }) => address).toSorted();

test.serial(
  '--processes: nodes behind one port; one that dies is started again alone, and SIGTERM ends all',
  async t => {
    t.timeout(180_000);
    const nats = await startNats();
    t.teardown(() => nats.stop());
    const { store, run } = await postgresStore();
    const args = ['serve', 'w.ts', '--processes', '2', '--port', '0', '--store', store, '--transport', nats.url];
    const serve = new Command(t, project(t, { 'w.ts': FILE }), args, {
      DFNS_HTTP_SHUTDOWN_DELAY: '0s',
      DFNS_CLUSTER_ADDRESS: 'here',
      DFNS_CLUSTER_SECRET: 'a secret of the cluster',
    });
    await serve.says(/dfns listens on/, 2);
    const urls = new Set([...serve.err.matchAll(/dfns listens on (http:[^"\s]+)/g)].map(([, url]) => url));
    t.is(urls.size, 1, 'one port for both');
    const client = connect([...urls][0]!);
    await until(async () => (await client.cluster()).nodes.length === 2);
    const before = await client.cluster();
    t.deepEqual(places(before), ['here/1', 'here/2']);
    const answered = new Set<string>();
    await until(async () => answered.add(await answering([...urls][0]!)).size === 2);

    // One scrape tells of both, whoever it comes to.
    const page = await (await fetch(`${[...urls][0]!}/metrics`)).text();
    for (const process of ['1', '2']) {
      t.regex(page, new RegExp(`^dfns_shards_owned\\{.*dfns_process="${process}".*\\} \\d`, 'm'));
      t.regex(page, new RegExp(`^process_resident_memory_bytes\\{dfns_process="${process}"\\} \\d`, 'm'));
    }
    t.is(page.match(/^# TYPE dfns_shards_owned /gm)?.length, 1);
    t.is(promtoolComplaints(page) ?? '', '');

    const handle = await client.start('waits', undefined, { id: 'w' });
    const nodes = serve.children;
    t.is(nodes.length, 2);
    process.kill(nodes[0]!, 'SIGKILL');
    await serve.says(/"process":"([12])",.*The process of node \1 ended by SIGKILL; it is started again/);
    await serve.says(/dfns listens on/, 3);
    t.true(serve.children.includes(nodes[1]!), 'the other goes on');
    await until(async () => {
      const { nodes: now } = await client.cluster();
      return now.length === 2 && now.some(({ id }) => !before.nodes.some(each => each.id === id));
    });
    t.deepEqual(places(await client.cluster()), ['here/1', 'here/2']);
    await handle.signal('go', 5);
    t.is(await handle.result(), 5);

    // What the killed one had is taken when its lease is over.
    await until(async () => {
      const { nodes: now, shards } = await client.cluster();
      return now.reduce((sum, each) => sum + each.shards, 0) === shards.total;
    });
    serve.signal('SIGTERM');
    t.is(await serve.ends(), 0);
    t.notRegex(serve.err + serve.out, /a secret of the cluster/);
    t.deepEqual(await run('SELECT shard FROM dfns.shard WHERE owner IS NOT NULL'), []);
  },
);

for (const [title, args, says] of [
  ['without a transport', ['--store', 'memory:', '--processes', '2'], /--processes starts several nodes.*--transport/],
  [
    'on a store that is one node’s',
    ['--store', 'memory:', '--transport', 'nats://x', '--processes', '2'],
    /one node’s/,
  ],
  ['of none', ['--processes', '0'], /--processes must be 1 to 256/],
] as const) {
  test.serial(`--processes ${title} ends with 2, and says why`, async t => {
    const serve = new Command(t, project(t, { 'w.ts': FILE }), ['serve', 'w.ts', '--port', '0', ...args]);
    t.is(await serve.ends(), 2);
    t.regex(serve.err, says);
  });
}
