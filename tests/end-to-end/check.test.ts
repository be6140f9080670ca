import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startNode, workflow } from 'dfns';
import { recordHistory } from 'dfns/testing';
import { Command, project } from './command.ts';

const CODE = `
  import { workflow } from 'dfns';
  export const order = workflow({ name: 'order' }, async ctx => {
    await ctx.step('charge', () => 1);
    return ctx.step('ship', () => 2);
  });`;

/** A project with its workflow, and the history of an execution of it. */
async function recorded(t: ExecutionContext, code = CODE): Promise<string> {
  const folder = project(t, { 'src/workflows.ts': code });
  const order = workflow({ name: 'order' }, async ctx => {
    await ctx.step('charge', () => 1);
    return ctx.step('ship', () => 2);
  });
  const node = await startNode({ workflows: [order], store: 'memory:', log: 'silent' });
  const handle = await node.client.start(order, undefined, { id: 'order-17' });
  await handle.result();
  await recordHistory(handle, join(folder, 'histories/order-17.json'));
  await node.stop();
  return folder;
}

async function run(t: ExecutionContext, folder: string, ...args: string[]) {
  const command = new Command(t, folder, args);
  const code = await command.ends();
  return { code, out: command.out, err: command.err };
}

test('code that a history goes with', async t => {
  const folder = await recorded(t);
  t.like(await run(t, folder, 'replay', 'histories/order-17.json'), { code: 0 });
  const check = await run(t, folder, 'check', '--histories', 'histories', '--junit', 'report.xml', '--no-lint');
  t.is(check.code, 0, check.err);
  t.regex(check.out, /✓ histories\/order-17\.json {2}\d+ turns/);
  t.regex(readFileSync(join(folder, 'report.xml'), 'utf8'), /tests="1" failures="0"[^]*order-17\.json"\/>/);
});

test('code that a history does not go with: where they part, exit code 1', async t => {
  const folder = await recorded(t, CODE.replace("'ship'", "'send'"));
  const replay = await run(t, folder, 'replay', 'histories/order-17.json', '--json');
  t.is(replay.code, 1, replay.err);
  t.like(JSON.parse(replay.out), { ok: false, id: 'order-17', expected: 'step "ship"', asked: 'step "send"' });
  t.regex((JSON.parse(replay.out) as { line: string }).line, /workflows\.ts:5/);
  const check = await run(t, folder, 'check', '--histories', 'histories', '--junit', 'report.xml', '--no-lint');
  t.is(check.code, 1);
  t.regex(check.out, /✗ histories\/order-17\.json .*step "ship".*step "send"[^]*1 of 1 checks failed/);
  t.regex(readFileSync(join(folder, 'report.xml'), 'utf8'), /failures="1"[^]*<failure message=/);
});

test('the lint of the project finds what no replay can repeat', async t => {
  const folder = await recorded(
    t,
    CODE.replace("ctx.step('ship', () => 2)", "Date.now() + (await ctx.step('ship', () => 2))"),
  );
  const check = await run(t, folder, 'check', '--json');
  t.is(check.code, 1, check.err);
  t.like(JSON.parse(check.out), { kind: 'lint', place: 'src/workflows.ts:5', ok: false });
});

test('what cannot be checked at all: exit code 2', async t => {
  const folder = await recorded(t);
  writeFileSync(join(folder, 'histories/order-17.json'), '{}');
  t.is((await run(t, folder, 'replay', 'histories/order-17.json')).code, 2);
  t.is((await run(t, folder, 'check', '--no-lint', '--histories', 'none')).code, 2);
  writeFileSync(join(folder, 'src/same.ts'), CODE);
  const twice = await run(t, folder, 'check', '--no-lint', 'src/workflows.ts', 'src/same.ts');
  t.is(twice.code, 2);
  t.regex(twice.err, /src\/workflows\.ts.*src\/same\.ts/);
});
