import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { signal, startNode, workflow } from 'dfns';
import { Command, project } from './command.ts';
import { until } from './until.ts';

const workflows = (first: string, second: string) => `
  import { appendFileSync } from 'node:fs';
  import { signal, workflow } from 'dfns';
  import { note } from './note.ts';
  const go = signal('go');
  export const order = workflow({ name: 'order', signals: [go] }, async ctx => {
    await ctx.step('${first}', () => note('${first}'));
    await ctx.sleep('3s');
    await ctx.step('${second}', () => note('${second}'));
  });`;
const note = (mark: string) => `
  import { appendFileSync } from 'node:fs';
  export const note = (text: string): void => appendFileSync('notes', text + '${mark}\\n');`;

/** A project whose dev store has one execution: charged, and asleep. */
async function withOpenExecution(t: ExecutionContext, sleep: '3s' | '1d', noted = note('')): Promise<string> {
  const folder = project(t, {
    'src/workflows.ts': workflows('charge', 'ship').replace("'3s'", `'${sleep}'`),
    'src/note.ts': noted,
  });
  mkdirSync(join(folder, '.dfns'));
  let charged = false;
  const order = workflow({ name: 'order', signals: [signal('go')] }, async ctx => {
    await ctx.step('charge', () => void (charged = true));
    await ctx.sleep(sleep);
    await ctx.step('ship', () => undefined);
  });
  const node = await startNode({ workflows: [order], store: `sqlite:${join(folder, '.dfns/dev.db')}`, log: 'silent' });
  const handle = await node.client.start(order, undefined, { id: 'order-17' });
  await until(async () => charged && (await handle.describe()).waiting.some(({ kind }) => kind === 'timer'));
  await node.stop();
  return folder;
}

const notes = (folder: string) =>
  existsSync(join(folder, 'notes')) ? readFileSync(join(folder, 'notes'), 'utf8') : '';

test('executions go on over a change, in the new code; a typo leaves the last good build serving', async t => {
  const cannot = "export const note = (text: string): void => { throw new Error('cannot ' + text); };";
  const folder = await withOpenExecution(t, '3s', cannot);
  const dev = new Command(t, folder, ['dev']);
  await dev.says(/ready in \d+ ms/);
  await dev.says(/runs +order/);
  const file = join(folder, 'src/workflows.ts');
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, `${good}\nthis is no code(`);
  await dev.says(/The build before it goes on/);
  await dev.says(/workflows\.ts cannot be loaded/);
  writeFileSync(file, good);
  await dev.says(/reloaded in \d+ ms/);
  // A file that the given one imports.
  writeFileSync(join(folder, 'src/note.ts'), note(' by the new code'));
  await dev.says(/reloaded in \d+ ms/, 2);
  await until(() => notes(folder) !== '');
  t.is(notes(folder), 'ship by the new code\n');
  dev.signal('SIGINT');
  t.is(await dev.ends(), 0);
});

test('an edit that an open execution does not fit is told at once, and undone it goes on', async t => {
  const folder = await withOpenExecution(t, '1d');
  const dev = new Command(t, folder, ['dev']);
  await dev.says(/ready in/);
  const file = join(folder, 'src/workflows.ts');
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, good.replaceAll('charge', 'reserve'));
  await dev.says(/order-17 \(order\) does not fit the edited code\. Turn \d+, command 1: .*charge.*reserve/);
  await dev.says(/Undo the edit and it goes on/);
  writeFileSync(file, good);
  await dev.says(/reloaded in/, 2);
  dev.signal('SIGTERM');
  t.is(await dev.ends(), 0);
  const node = await startNode({ workflows: [], store: `sqlite:${join(folder, '.dfns/dev.db')}`, log: 'silent' });
  t.teardown(() => node.stop());
  for await (const { status } of node.client.list()) t.is(status, 'running');
});

test('a process that was killed is started again, and goes on', async t => {
  const folder = await withOpenExecution(t, '3s');
  const dev = new Command(t, folder, ['dev']);
  await dev.says(/ready in/);
  for (const pid of dev.children) process.kill(pid, 'SIGKILL');
  await dev.says(/ended by SIGKILL; it is started again/);
  await dev.says(/started again in \d+ ms/);
  await until(() => notes(folder) !== '');
  dev.signal('SIGINT');
  t.is(await dev.ends(), 0);
});

const FAILS = `
  import { existsSync, readFileSync, writeFileSync } from 'node:fs';
  import { workflow } from 'dfns';
  const count = (file: string) => {
    const n = (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0) + 1;
    writeFileSync(file, String(n));
    return n;
  };
  export const order = workflow({ name: 'order' }, async ctx => {
    await ctx.step(
      'charge',
      () => {
        const n = count('charged');
        if (n <= 5) throw new Error('declined ' + n + '\\nby the bank');
      },
      { retry: { initial: '10ms', factor: 1 } },
    );
    await ctx.step('hang', () => new Promise(() => undefined), { timeout: '10ms', retry: { maxAttempts: 1 } }).catch(() => 0);
    await ctx.step('ship', () => { throw new RangeError('no lorry'); }, { retry: { maxAttempts: 1 } });
  });`;

test('what fails is told: first attempts and then by doubling, with what comes next, and the execution', async t => {
  const folder = project(t, { 'workflows.ts': FAILS });
  const dev = new Command(t, folder, ['dev', '--memory']);
  await dev.says(/ready in/);
  t.is(await new Command(t, folder, ['start', 'order', '--id', 'order-17', '--wait']).ends(), 4);
  await dev.says(/✗ order-17 \(order\) failed: .*no lorry/);
  dev.signal('SIGINT');
  t.is(await dev.ends(), 0);
  const told = [...dev.out.matchAll(/attempt (\d) of charge failed: Error: declined (\d); tried again after \d+ms\n/g)];
  t.deepEqual(
    told.map(([, attempt, n]) => [attempt, n]),
    [
      ['1', '1'],
      ['2', '2'],
      ['4', '4'],
    ],
  );
  t.regex(dev.out, /✗ order-17 {2}attempt 1 of hang failed: TimeoutError: .*; it is not tried again\n/);
  t.regex(dev.out, /✗ order-17 {2}attempt 1 of ship failed: RangeError: no lorry; it is not tried again\n/);
});

test('--memory leaves nothing behind', async t => {
  const folder = project(t, { 'src/workflows.ts': workflows('a', 'b'), 'src/note.ts': note('') });
  const dev = new Command(t, folder, ['dev', '--memory'], { TMPDIR: folder });
  await dev.says(/ready in/);
  dev.signal('SIGINT');
  t.is(await dev.ends(), 0);
  t.false(existsSync(join(folder, '.dfns')));
  t.false(execFileSync('ls', [folder], { encoding: 'utf8' }).includes('dfns-dev-'));
});

test('what cannot start ends with its exit code, and says why', async t => {
  const folder = project(t, { 'src/empty.ts': 'export {};' });
  const nothing = new Command(t, folder, ['dev', '--memory']);
  t.is(await nothing.ends(), 2);
  t.regex(nothing.err, /Name the files that export workflows/);
});
