import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@dfnsjs/nats-server';
import test, { type ExecutionContext } from 'ava';
import { Passage } from '../chaos/passage.ts';
import { Command, project } from './command.ts';

const FILE = `
  import { query, signal, workflow } from 'dfns';
  const go = signal('go');
  const state = query('state');
  export const order = workflow({ name: 'order', signals: [go], queries: [state] }, async (ctx, input) => {
    let now = 'waits';
    ctx.on(state, () => now);
    const by = await ctx.waitForSignal(go);
    now = 'gone';
    if (by === 'nobody') throw new Error('nobody came');
    return { input, by };
  });`;

/** A dev server in a folder, and the verbs of the command in it. */
async function served(t: ExecutionContext) {
  const folder = project(t, { 'workflows.ts': FILE });
  const dev = new Command(t, folder, ['dev', '--memory']);
  await dev.says(/ready in/);
  const dfns = async (...args: string[]) => {
    const command = new Command(t, folder, args);
    const code = await command.ends();
    return { code, out: command.out, err: command.err };
  };
  return { dev, dfns, folder };
}

test('the verbs find the dev server of their folder, and talk to it', async t => {
  const { dev, dfns, folder } = await served(t);
  t.like(await dfns('start', 'order', '--id', 'a/b c', '--input', '{"qty":2}'), { code: 0, out: 'a/b c\n', err: '' });
  t.like(await dfns('query', 'a/b c', 'state'), { code: 0, out: 'waits\n' });
  t.like(await dfns('signal', 'a/b c', 'go', '"mia"'), { code: 0, out: 'sent\n' });
  const result = await dfns('result', 'a/b c', '--wait', '--json');
  t.like(result, { code: 0, out: '{"status":"completed","result":{"input":{"qty":2},"by":"mia"}}\n' });
  t.regex((await dfns('list')).out, /^STATUS[^]*✓ completed {2}a\/b c {2}order/);

  const exported = await dfns('history', 'a/b c', '--export');
  writeFileSync(join(folder, 'history.json'), exported.out);
  t.like(await dfns('replay', 'history.json', 'workflows.ts'), { code: 0, err: '' });

  await dfns('start', 'order', '--id', 'fails');
  await dfns('signal', 'fails', 'go', '"nobody"');
  const failed = await dfns('result', 'fails', '--wait');
  t.is(failed.code, 4);
  t.regex(failed.err, /^failed\nError: nobody came/);
  t.is((await dfns('show', 'nobody')).code, 3);
  t.is((await dfns('start', 'ordr')).code, 3);
  t.is((await dfns('list', '--limit', 'x')).code, 2);
  dev.signal('SIGINT');
  t.is(await dev.ends(), 0);
  const gone = await dfns('list', '--url', 'http://127.0.0.1:9');
  t.is(gone.code, 5);
  t.regex(gone.err, /cannot be reached/);
});

test('a port that is taken is passed over by dev, and kept over a change', async t => {
  const [first, second] = await Promise.all([served(t), served(t)]);
  const ports = [first, second].map(({ dev }) => /http:\/\/127\.0\.0\.1:(\d+)/.exec(dev.out)?.[1]);
  t.is(new Set(ports).size, 2);
  t.like(await first.dfns('start', 'order', '--id', 'of-the-first'), { code: 0 });
  t.is((await second.dfns('list')).out, 'No executions.\n');
});

test('whoever follows waits for a node that is away for a while, says so once, and goes on', async t => {
  const folder = project(t, { 'workflows.ts': FILE });
  // Of its own: the port that a dev server finds by itself may be another's by the time that it comes again.
  const port = String(await freePort());
  const first = new Command(t, folder, ['dev', '--port', port]);
  await first.says(/ready in[^]*Ctrl-C stops/);
  const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(first.out) ?? [];
  // By its URL: a dev server that ends takes the file away that says where it is.
  const dfns = (...args: string[]) => new Command(t, folder, args, { DFNS_URL: url });
  t.is(await dfns('start', 'order', '--id', 'a').ends(), 0);
  // It says nothing until it has a result: that it waits is seen on its way.
  const passage = await Passage.start(Number(port));
  t.teardown(() => passage.stop());
  const waits = passage.sends('/executions/a/result');
  const result = new Command(t, folder, ['result', 'a', '--wait'], { DFNS_URL: passage.through(url) });
  const [watch, tail, start] = [dfns('watch', 'a'), dfns('tail'), dfns('start', 'order', '--wait')];
  const followers = [watch, tail, result, start];
  await waits;
  await watch.says(/signal go/);
  await tail.says(/running +a/);
  await tail.says(/running/, 2);
  first.signal('SIGINT');
  t.is(await first.ends(), 0);
  for (const each of followers) await each.says(/Waiting for it\./);
  const second = new Command(t, folder, ['dev', '--port', port]);
  await second.says(/ready in/);
  for (const each of followers) await each.says(/The node is back\./);
  t.is(await dfns('signal', 'a', 'go', '"mia"').ends(), 0);
  t.deepEqual([await watch.ends(), await result.ends()], [0, 0]);
  t.regex(result.out, /"by": "mia"/);
  await tail.says(/completed +a/);
  tail.signal('SIGINT');
  start.signal('SIGINT');
  t.deepEqual([await tail.ends(), await start.ends()], [130, 130]);
  for (const each of followers) t.is(each.err.match(/Waiting for it/g)?.length, 1, each.err);
});

test('Ctrl-C ends a wait with 130', async t => {
  const { dfns, folder } = await served(t);
  await dfns('start', 'order', '--id', 'a');
  const watch = new Command(t, folder, ['watch', 'a']);
  await watch.says(/signal go/);
  watch.signal('SIGINT');
  t.is(await watch.ends(), 130);
});
