import { join } from 'node:path';
import test from 'ava';
import { startNode } from 'dfns';
import { Command, project } from './command.ts';
import { until } from './until.ts';

const CODE = `
  import { query, signal, update, workflow } from 'dfns';
  const go = signal('go');
  const state = query('state');
  const set = update('set');
  export const order = workflow({ name: 'order', signals: [go], queries: [state], updates: [set] }, async (ctx, input) => {
    ctx.on(state, () => 'open');
    ctx.on(set, n => n, { validate: n => { if (n !== 1) throw new Error('one, please'); } });
    if (input === 'fail') throw new Error('no');
    if (input === 'tries') await ctx.step('try', () => { throw new Error('no'); }, { retry: { initial: '1h', max: '1h' } });
    return input === 'end' ? 'ended' : ctx.waitForSignal(go);
  });`;

/** Each verb, as typed, and the exit code that CONTRACT gives what comes of it; in this order, on one node. */
const TYPED: readonly (readonly [line: string, code: number])[] = [
  ['--help', 0],
  ['lst', 2],
  ['init made', 0],
  ['init made', 2],
  ['dev w.ts --memory --log loud', 2],
  ['dev gone.ts', 2],
  ['serve gone.ts', 2],
  ['start order --id open', 0],
  ['start order --id open', 1],
  ['start order --reuse sometimes', 2],
  ['start nobody', 3],
  ['start order --id end --input "end" --wait', 0],
  ['start order --id fail --input "fail" --wait', 4],
  ['start order --id tries --input "tries"', 0],
  ['list', 0],
  ['list stauts:failed', 2],
  ['count', 0],
  ['count --status faild', 2],
  ['show open', 0],
  ['show nobody', 3],
  ['history open', 0],
  ['history nobody', 3],
  ['history open --type X', 2],
  ['result end', 0],
  ['result fail', 4],
  ['result open', 6],
  ['result nobody', 3],
  ['watch end', 0],
  ['watch fail', 4],
  ['watch nobody', 3],
  ['tail --lines x', 2],
  ['query open state', 0],
  ['query open colour', 3],
  ['update open set 1', 0],
  ['update open set 2', 1],
  ['signal open go {', 2],
  ['signal nobody go', 3],
  ['signal end go', 1],
  ['task retry-now tries 9', 3],
  ['task retry-now tries x', 2],
  ['task retry-now tries 1', 0],
  ['task complete tries 1 1', 0],
  ['retry open', 1],
  ['retry nobody', 3],
  ['retry fail', 0],
  ['cancel nobody', 3],
  ['cancel open', 0],
  ['result open --wait', 4],
  ['terminate nobody', 3],
  ['terminate tries', 0],
  ['delete end', 0],
  ['delete end', 3],
  ['delete open nobody', 2],
  ['delete open nobody --yes', 6],
  ['replay nobody w.ts', 3],
  ['replay w.ts', 2],
  ['check w.ts --no-lint', 0],
  ['check w.ts other.ts --no-lint', 2],
  ['cluster', 0],
  ['cluster --json', 0],
  ['node list', 0],
  ['node list all', 2],
  ['node drain', 2],
  ['node remove x', 2],
  ['node drain nowhere', 2],
  ['config', 0],
  ['config --log loud', 2],
  ['bench --executions 1 --steps 1', 0],
  ['bench --steps 0', 2],
  ['migrate --store memory:', 0],
  ['migrate --store nothing:', 2],
  ['completion bash', 0],
  ['completion csh', 2],
];

/** Verbs that ask a node. */
const ASKING = [
  'start order',
  'list',
  'count',
  'show a',
  'history a',
  'result a',
  'watch a',
  'tail',
  'signal a go',
].concat([
  'query a state',
  'cluster',
  'node list',
  'node drain a',
  'update a set',
  'cancel a',
  'terminate a',
  'delete a',
  'retry a',
  'task retry-now a 1',
  'replay a w.ts',
]);

test('each verb ends with the code of what came of it', async t => {
  t.timeout(240_000);
  const folder = project(t, { 'w.ts': CODE, 'other.ts': CODE });
  const file = (await import(join(folder, 'w.ts'))) as { order: never };
  const node = await startNode({ workflows: [file.order], store: 'memory:', http: { port: 0 }, log: 'silent' });
  t.teardown(() => node.stop());
  const type = async (line: string, url: string) => {
    const command = new Command(t, folder, line.split(' '), { DFNS_URL: url });
    const code = await command.ends();
    return { code, said: command.out + command.err };
  };
  const wrong: string[] = [];
  for (const [line, code] of TYPED) {
    if (line.startsWith('task retry-now tries 1')) {
      await until(async () =>
        (await node.client.get('tries').describe()).waiting.some(({ nextAt }) => nextAt !== undefined),
      );
    }
    const typed = await type(line, node.url ?? '');
    if (typed.code !== code) wrong.push(`${line}: ${String(typed.code)}, not ${code}: ${typed.said}`);
  }
  t.deepEqual(wrong, []);
  const gone = await Promise.all(
    ASKING.map(async line => [line, (await type(line, 'http://127.0.0.1:9')).code] as const),
  );
  t.deepEqual(
    gone,
    ASKING.map(line => [line, 5] as const),
  );
  await node.client.start('order', undefined, { id: 'followed' });
  for (const line of ['tail', 'watch followed']) {
    const command = new Command(t, folder, line.split(' '), { DFNS_URL: node.url ?? '' });
    await command.says(/running/);
    command.signal('SIGINT');
    t.is(await command.ends(), 130, line);
  }
});
