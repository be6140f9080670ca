import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { startNode, workflow } from 'dfns';
import { Command, project } from './command.ts';
import { until } from './until.ts';

const FILE = `
  import { writeFileSync } from 'node:fs';
  import { setTimeout } from 'node:timers/promises';
  import { workflow } from 'dfns';
  export const slow = workflow({ name: 'slow' }, async ctx => {
    await ctx.step('work', async t => {
      writeFileSync('began', String(process.pid));
      await setTimeout(Number(process.env['WORK_MS']), undefined, { signal: t.abortSignal });
      writeFileSync('done', '');
    });
  });
  export const waits = workflow({ name: 'waits' }, ctx => ctx.sleep('1h'));`;

/** No service after the signal: nobody balances here. */
const AT_ONCE = { DFNS_HTTP_SHUTDOWN_DELAY: '0s' };

/** Starts the execution that the node will find. */
async function begin(folder: string): Promise<string> {
  const store = `sqlite:${join(folder, 'app.db')}`;
  const slow = workflow({ name: 'slow' }, async ctx => {
    await ctx.step('work', async t => new Promise((_, no) => t.abortSignal.addEventListener('abort', no)));
  });
  const node = await startNode({ workflows: [slow], store, log: 'silent', drainTimeout: 0 });
  await node.client.start(slow, undefined, { id: 'a' });
  await node.stop();
  return store;
}

const running = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Its log, as whoever gathers logs reads it: each line is JSON. */
const entriesOf = ({ err }: Command) =>
  err
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { readonly level: string; readonly time: string; readonly msg: string });

test('SIGTERM lets tasks in hand end, and ends with 0', async t => {
  const folder = project(t, { 'w.ts': FILE });
  const store = await begin(folder);
  const serve = new Command(t, folder, ['serve', 'w.ts', '--port', '0', '--store', store], {
    WORK_MS: '1500',
    ...AT_ONCE,
  });
  await until(() => existsSync(join(folder, 'began')));
  serve.signal('SIGTERM');
  t.is(await serve.ends(), 0);
  t.true(existsSync(join(folder, 'done')));
});

test('SIGTERM: not ready at once, served for a while with closing connections, waits end with 202, exit 0', async t => {
  const folder = project(t, { 'w.ts': FILE });
  const store = await begin(folder);
  const serve = new Command(t, folder, ['serve', 'w.ts', '--port', '0', '--store', store], { WORK_MS: '100' });
  await serve.says(/listens on http/);
  const [, url = ''] = /listens on (http:\/\/[\d.:]+)/.exec(serve.err) ?? [];
  await until(() => existsSync(join(folder, 'done')));
  const started = await fetch(`${url}/v1/executions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"workflow":"waits","id":"w"}',
  });
  t.is(started.status, 201);
  const wait = fetch(`${url}/v1/executions/w/result?wait=50s`);
  t.is((await fetch(`${url}/readyz`)).status, 200);
  serve.signal('SIGTERM');
  await until(async () => (await fetch(`${url}/readyz`)).status === 503);
  t.is((await wait).status, 202);
  const served = await fetch(`${url}/v1/executions/w`);
  t.is(served.status, 200);
  t.is(served.headers.get('connection'), 'close');
  t.is(await serve.ends(), 0);
});

test('a second signal ends it now, and its node with it', async t => {
  const folder = project(t, { 'w.ts': FILE });
  const store = await begin(folder);
  const serve = new Command(t, folder, ['serve', 'w.ts', '--port', '0', '--store', store], {
    WORK_MS: '600000',
    ...AT_ONCE,
  });
  await until(() => existsSync(join(folder, 'began')));
  const [node = 0] = serve.children;
  t.true(running(node));
  serve.signal('SIGTERM');
  serve.signal('SIGINT');
  t.is(await serve.ends(), 130);
  await until(() => !running(node));
  t.false(existsSync(join(folder, 'done')));
});

test('a node that was killed is started again and takes the work up', async t => {
  const folder = project(t, { 'w.ts': FILE });
  const store = await begin(folder);
  const serve = new Command(t, folder, ['serve', 'w.ts', '--port', '0', '--store', store], {
    WORK_MS: '1000',
    ...AT_ONCE,
  });
  await serve.says(/listens on/);
  await until(() => existsSync(join(folder, 'began')));
  for (const pid of serve.children) process.kill(pid, 'SIGKILL');
  await serve.says(/ended by SIGKILL; it is started again/);
  t.true(entriesOf(serve).some(({ level, msg }) => level === 'error' && /by SIGKILL/.test(msg)));
  await until(() => existsSync(join(folder, 'done')));
  serve.signal('SIGTERM');
  t.is(await serve.ends(), 0);
});

test('one whose work takes it down before it serves is started again, until that work is held', async t => {
  const folder = project(t, {
    'w.ts': `
      import { appendFileSync } from 'node:fs';
      import { workflow } from 'dfns';
      export const slow = workflow({ name: 'slow' }, async ctx => {
        await ctx.step('work', () => {
          appendFileSync('began', '.');
          process.kill(process.pid, 'SIGKILL');
        });
      });`,
  });
  const store = await begin(folder);
  const serve = new Command(t, folder, ['serve', 'w.ts', '--port', '0', '--store', store], AT_ONCE);
  await serve.says(/CRASH_LOOP/);
  await serve.says(/listens on/);
  t.true(readFileSync(join(folder, 'began'), 'utf8').length >= 5);
  serve.signal('SIGTERM');
  t.is(await serve.ends(), 0);
});

for (const [title, args, code, says] of [
  ['a file that is not there', ['gone.ts'], 2, /There is no file gone\.ts/],
  ['a store that is none', ['w.ts', '--store', 'sqlte:a.db'], 2, /sqlte/],
  ['a wrong option', ['w.ts', '--log', 'loud'], 2, /log of startNode: .*It is set by --log/],
] as const) {
  test(`${title} ends it with ${code}, and says why`, async t => {
    const serve = new Command(t, project(t, { 'w.ts': FILE }), ['serve', '--port', '0', ...args]);
    t.is(await serve.ends(), code);
    t.regex(serve.err, says);
    t.deepEqual(
      entriesOf(serve).map(({ level, time }) => [level, Number.isNaN(Date.parse(time))]),
      [['error', false]],
    );
  });
}

test('a port that is in use ends it with 5, and names the flag that chooses another', async t => {
  const node = await startNode({ workflows: [], store: 'memory:', log: 'silent', http: { port: 0 } });
  t.teardown(() => node.stop());
  const port = new URL(node.url ?? '').port;
  for (const verb of ['serve', 'dev']) {
    for (const [args, env, by] of [
      [['--port', port], {}, '--port'],
      [[], { DFNS_HTTP_PORT: port }, 'DFNS_HTTP_PORT'],
    ] as const) {
      const serve = new Command(t, project(t, { 'w.ts': FILE }), [verb, 'w.ts', ...args], env);
      t.is(await serve.ends(), 5);
      t.regex(
        serve.err,
        new RegExp(`Port ${port} of 127.0.0.1 is in use \\(it is set by ${by}\\)\\. .* by --port; 0 takes`),
      );
    }
  }
});

test('a second process on the file ends with 5', async t => {
  const folder = project(t, { 'w.ts': FILE });
  const store = `sqlite:${join(folder, 'app.db')}`;
  const node = await startNode({ workflows: [], store, log: 'silent' });
  t.teardown(() => node.stop());
  const serve = new Command(t, folder, ['serve', 'w.ts', '--port', '0', '--store', store]);
  t.is(await serve.ends(), 5);
  t.regex(serve.err, /UNAVAILABLE/);
});
