import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
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

/** What a debugger does that goes on from each stop: attaches, and gives the stops. */
async function debug(url: string): Promise<{ readonly stops: string[]; close(): void }> {
  const socket = new WebSocket(url);
  const files = new Map<string, string>();
  const stops: string[] = [];
  let id = 0;
  const send = (method: string) => socket.send(JSON.stringify({ id: ++id, method }));
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as
      | { method: 'Debugger.scriptParsed'; params: { scriptId: string; url: string } }
      | { method: 'Debugger.paused'; params: { callFrames: { location: { scriptId: string; lineNumber: number } }[] } }
      | { method: undefined };
    if (message.method === 'Debugger.scriptParsed') files.set(message.params.scriptId, message.params.url);
    if (message.method !== 'Debugger.paused') return;
    const { scriptId, lineNumber } = message.params.callFrames[0]!.location;
    stops.push(`${files.get(scriptId)?.split('/').slice(-2).join('/')}:${lineNumber + 1}`);
    send('Debugger.resume');
  });
  await once(socket, 'open');
  for (const method of ['Debugger.enable', 'Runtime.runIfWaitingForDebugger']) send(method);
  return { stops, close: () => socket.close() };
}

test('under a debugger a replay stops at the first line of the workflow, and goes on to its verdict', async t => {
  const folder = await recorded(t);
  // The file behind the flag stays an argument.
  const replay = new Command(t, folder, ['replay', 'histories/order-17.json', '--inspect-brk=0', 'src/workflows.ts']);
  await replay.says(/Debugger listening on ws:/);
  const [url = ''] = /ws:\S+/.exec(replay.err) ?? [];
  const { stops, close } = await debug(url);
  await replay.says(/✓ order-17 \(order\): \d+ turns go with this code/);
  close();
  t.is(await replay.ends(), 0);
  t.deepEqual(stops, ['src/workflows.ts:4']);

  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const refused = await run(t, folder, 'replay', 'histories/order-17.json', `--inspect-brk=${port}`);
  t.is(refused.code, 5);
  t.regex(refused.err, /choose another by --inspect-brk=PORT/);
  t.is((await run(t, folder, 'replay', 'histories/order-17.json', '--inspect-brk=src/workflows.ts')).code, 2);
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
