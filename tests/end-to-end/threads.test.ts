import { join } from 'node:path';
import test from 'ava';
import {
  isFailure,
  startNode,
  task,
  workflow,
  type AnyTask,
  type DfnsError,
  type DfnsNode,
  type NodeOptions,
  type TaskError,
} from 'dfns';
import { onEachStore } from './on-each-store.ts';
import * as tasks from './programs/thread-tasks.ts';
import { until } from './until.ts';

const FILE = join(import.meta.dirname, 'programs', 'thread-tasks.ts');

const runs = workflow({ name: 'runs' }, (ctx, { name, input }: { name: keyof typeof tasks; input?: unknown }) =>
  ctx.run(tasks[name] as AnyTask as typeof tasks.exits, input as void),
);
const options = { workflows: [runs], tasks: Object.values(tasks) as AnyTask[], files: [FILE] };

async function started(t: { teardown(fn: () => unknown): void }, more: Partial<NodeOptions> = {}) {
  const node = await startNode({ ...options, drainTimeout: 0, log: 'silent', ...more });
  t.teardown(() => node.stop());
  return { node, run: runIn(node) };
}

const runIn = (node: DfnsNode) => (name: keyof typeof tasks, input?: unknown) =>
  node.client.execute(runs, { name, input });

const lines: string[] = [];
let node: DfnsNode;
let run: ReturnType<typeof runIn>;

/** One pool for most of the tests: threads take a while to load what they run. */
test.before(async () => {
  const log = {
    write: (_level: string, message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      void lines.push([message, fields['task'], fields['n'] ?? fields['reason'] ?? ''].map(String).join(' ').trim()),
  };
  node = await startNode({ ...options, drainTimeout: 0, log });
  run = runIn(node);
});

test.after.always(() => node.stop());

onEachStore('a body in a thread gets and gives what any other does', options, async (t, { client }) => {
  const handle = await client.start(
    runs,
    { name: 'describes', input: { n: '4' } },
    { id: 'a', headers: { from: 'me' } },
  );
  const result = (await handle.result()) as unknown as Record<string, unknown>;
  const { runId } = handle;
  t.deepEqual(result, {
    n: 5,
    main: false,
    when: new Date(0),
    set: new Set([1]),
    attempt: 1,
    executionId: 'a',
    headers: { from: 'me' },
    idempotencyKey: `a/${runId}/1`,
  });
});

test.serial('the loop goes on while a thread is blocked, and lines of the thread are lines of the node', async t => {
  await run('blocks', 0);
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 5);
  await run('blocks', 200);
  clearInterval(ticking);
  t.true(ticks > 3, `${ticks}`);
  await run('describes', { n: 1 });
  t.true(lines.includes('from the thread describes 1'), lines.join('\n'));
});

test.serial('a body that blocks for ever fails its attempt alone, and its thread is ended', async t => {
  const error = await t.throwsAsync(run('blocksForEver'));
  t.regex(error.message, /took longer than 50 ms/);
  t.is(await run('exits'), 'the second time');
});

for (const name of ['exits', 'throwsOutside'] as const) {
  test.serial(`a body whose thread ends (${name}) fails that attempt; another one goes on`, async t => {
    const [other, own] = await Promise.all([run('blocks', 100), run(name)]);
    t.is(own, 'the second time');
    t.is(typeof other, 'number');
  });
}

test.serial('heartbeats and progress cross; silence is a timeout', async t => {
  t.is(await run('beats'), 5 as never);
  const error = await t.throwsAsync(run('silent'));
  t.regex(error.message, /sent no heartbeat for 50 ms/);
});

test.serial('a cancelled body hears of it', async t => {
  const handle = await node.client.start(runs, { name: 'waits' });
  await until(() => lines.includes('waits waits'));
  await handle.cancel('enough');
  await t.throwsAsync(handle.result(), { code: 'CANCELLED' });
  await until(() => lines.includes('heard waits CancelledError'));
  t.pass();
});

test.serial('whether a failure is tried again is as for any task', async t => {
  const failure = (how: string) =>
    run('fails', how).then(
      value => value as unknown,
      (error: TaskError) => error,
    );
  t.is(await failure('again'), 2);
  t.is(await failure('later'), 2);
  t.regex(String(await failure('never again')), /never again/);
  t.regex(String(await failure('address')), /no such street/);
  t.regex(String(await failure('function')), /function/);
  t.regex(String(await failure('deps')), /no t\.deps/);
  const declined = await failure('declined');
  t.true(isFailure(declined, tasks.fails, 'Declined') && declined.failure.data.why === 'poor');
});

test.serial('middleware stands around it in the node, and sees its values', async t => {
  const seen: unknown[] = [];
  const { run } = await started(t, {
    middleware: [
      {
        task: async (call, next) => {
          seen.push(call.task, call.input);
          const result = (await next({ ...call, input: call.task === 'describes' ? { n: 10 } : call.input })) as {
            n: number;
          };
          return call.task === 'describes' ? { n: result.n * 2 } : result;
        },
      },
    ],
  });
  t.deepEqual(await run('describes', { n: 1 }), { n: 22 } as never);
  t.is(await run('exits'), 'the second time');
  await t.throwsAsync(run('fails', 'never again'), { message: /never again/ });
  t.deepEqual(seen.slice(0, 2), ['describes', { n: 1 }]);
});

test.serial('a task that no file exports is refused, and named; so is a file that is not there', async t => {
  const lone = task({ name: 'lone', thread: true }, () => 1);
  const refused = (more: Partial<NodeOptions>) =>
    startNode({ workflows: [], log: 'silent', ...more }).then(
      node => node.stop(),
      (error: DfnsError) => `${error.code} ${error.message}`,
    );
  t.regex(String(await refused({ tasks: [lone] })), /^VALIDATION Task "lone" runs in a thread: name the file/);
  t.regex(String(await refused({ tasks: [lone], files: [FILE] })), /"lone".*thread-tasks\.ts does not/);
  t.regex(String(await refused({ files: ['./not-there.ts'] })), /^VALIDATION files: \.\/not-there\.ts cannot/);

  const unlisted = workflow({ name: 'unlisted' }, ctx => ctx.run(lone));
  const node = await startNode({ workflows: [unlisted], log: 'silent' });
  t.teardown(() => node.stop());
  await t.throwsAsync(node.client.execute(unlisted), { message: /"lone" runs in a thread: name the file/ });
});
