import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import { DfnsError, query, signal, update, workflow } from '@dfnsjs/actor-core';
import type { Client } from '@dfnsjs/client';
import type { Target } from './cli/connect.ts';
import { startNode } from './node/start-node.ts';
import { runProgram } from './program.ts';
import { GROUPS, VERBS } from './verbs/table.ts';

const approval = signal('approval');
const qty = query('qty');
const setQty = update('set-qty');

const order = workflow(
  { name: 'order', signals: [approval], queries: [qty], updates: [setQty], attributes: { tier: 'keyword' } },
  async (ctx, input: { readonly qty: number; readonly fails?: boolean }) => {
    let now = input.qty;
    ctx.on(qty, () => now);
    ctx.on(setQty, next => (now = next as unknown as number), {
      validate: next => {
        if (typeof next !== 'number') throw new Error('a number, please');
      },
    });
    if (input.fails) throw new TypeError('out of stock');
    const by = await ctx.waitForSignal(approval);
    return { by, qty: now };
  },
);

let stock = 0;
const take = () => {
  if (stock === 0) throw new Error('none left');
  return stock;
};
const stocked = workflow({ name: 'stocked' }, ctx => ctx.step('take', take, { retry: { maxAttempts: 1 } }));
const patient = workflow({ name: 'patient' }, ctx => ctx.step('take', take, { retry: { initial: '1h', max: '1h' } }));

const node = await startNode({ workflows: [order, stocked, patient], store: 'memory:', log: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'dfns-program-'));
test.after.always(async () => {
  await node.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly target: Target | undefined;
}

interface World {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
  readonly columns?: number;
  readonly interrupted?: AbortSignal;
  readonly cwd?: string;
  /** What whoever sits at the terminal says; absent: nobody does. */
  readonly says?: string;
  /** Called when something was written to standard output, with all of it. */
  readonly said?: (out: string) => void;
  readonly client?: Client;
}

/** Runs a command line against the node of this file. */
async function dfns(args: readonly string[], world: World = {}): Promise<Run> {
  let out = '';
  let err = '';
  let target: Target | undefined;
  const terminal = world.columns === undefined ? {} : { isTTY: true, columns: world.columns };
  const code = await runProgram(args, {
    stdout: {
      ...terminal,
      write: text => {
        out += text;
        world.said?.(out);
      },
    },
    stderr: { write: text => (err += text) },
    ...(world.says === undefined ? {} : { ask: async () => world.says! }),
    readStdin: async () => world.stdin ?? '',
    env: world.env ?? {},
    cwd: world.cwd ?? folder,
    interrupted: world.interrupted ?? new AbortController().signal,
    connect: async given => {
      target = given;
      return world.client ?? node.client;
    },
  });
  return { code, out, err, target };
}

const json = (run: Run) => JSON.parse(run.out) as unknown;

test('an execution is started, shown, talked to and brought to its result', async t => {
  t.like(await dfns(['start', 'order', '--id', 'a', '--input', '{"qty":2}']), { code: 0, out: 'a\n', err: '' });
  const shown = await dfns(['show', 'a']);
  t.regex(shown.out, /^a {2}● running\nworkflow +order\n/);
  t.regex(shown.out, /waits on +signal approval/);
  t.like(await dfns(['query', 'a', 'qty']), { code: 0, out: '2\n' });
  t.like(await dfns(['update', 'a', 'set-qty', '5']), { code: 0, out: '5\n' });
  t.like(await dfns(['result', 'a']), { code: 6, out: '' });
  t.like(await dfns(['signal', 'a', 'approval', '-'], { stdin: '"mia"' }), { code: 0, out: 'sent\n' });
  const result = await dfns(['result', 'a', '--wait', '--json']);
  t.deepEqual([result.code, json(result)], [0, { status: 'completed', result: { by: 'mia', qty: 5 } }]);
  const history = await dfns(['history', 'a']);
  t.regex(history.out, /^# +CMD +AT +EVENT +WHAT +DETAILS\n1 /);
  t.regex(history.out, /signal-received +approval +"mia"/);
  const closed = await dfns(['signal', 'a', 'approval']);
  t.like(closed, { code: 1, out: '' });
  t.regex(closed.err, /\(CLOSED\)\n$/);
});

test('an execution that fails: exit code 4, on standard error; with --json as data', async t => {
  const run = await dfns(['start', 'order', '--id', 'fails', '--input', '{"qty":1,"fails":true}', '--wait']);
  t.like(run, { code: 4, out: '' });
  t.regex(run.err, /^failed\nTypeError: out of stock/);
  const asJson = await dfns(['result', 'fails', '--json']);
  t.is(asJson.code, 4);
  t.like(json(asJson), { status: 'failed', error: { name: 'TypeError', message: 'out of stock' } });
  t.is((await dfns(['watch', 'fails'])).code, 4);
});

test('lists are tables on a terminal, lines of JSON for machines', async t => {
  await dfns(['start', 'order', '--id', 'list-1', '--input', '{"qty":1}', '--attribute', 'tier=gold']);
  await dfns(['start', 'order', '--id', `list-2-${'long'.repeat(20)}`, '--input', '{"qty":1}']);
  const terminal = await dfns(['list', '--id-prefix', 'list-'], { columns: 60 });
  // oxlint-disable-next-line no-control-regex
  const plain = terminal.out.replace(/\u001b\[\d+m/g, '');
  t.not(plain, terminal.out);
  for (const line of plain.split('\n')) t.true(line.length <= 60, line);
  const colourless = await dfns(['list', '--id-prefix', 'list-'], { columns: 60, env: { NO_COLOR: '1' } });
  t.false(colourless.out.includes('\u001b'));

  const machine = await dfns(['list', '--attribute', 'tier=gold', '--status', 'running', '--json']);
  t.like(json(machine), { id: 'list-1', status: 'running', attributes: { tier: 'gold' } });
  const limited = await dfns(['list', '--id-prefix', 'list-', '--limit', '1']);
  t.regex(limited.out, /… and more: --limit 2/);
  t.is((await dfns(['list', '--id-prefix', 'nobody'])).out, 'No executions.\n');
  const filtered = await dfns(['list', 'id:list-* version<2', 'attr.tier:gold', '--workflow', 'order', '--json']);
  t.like(json(filtered), { id: 'list-1' });
  t.like(json(await dfns(['count', 'id:list-* -attr.tier:gold', '--json'])), { count: 1 });
  t.like(json(await dfns(['count', '--id-prefix', 'list-', '--json'])), { count: 2, byStatus: { running: 2 } });
  t.regex((await dfns(['count'])).out, /^\d+ executions\n\nSTATUS/);
});

test('cancel and terminate end executions, with their reason', async t => {
  for (const [verb, status] of [
    ['cancel', 'cancelled'],
    ['terminate', 'terminated'],
  ] as const) {
    await dfns(['start', 'order', '--id', verb, '--input', '{"qty":1}']);
    t.is((await dfns([verb, verb, '--reason', 'twice'])).code, 0);
    const run = await dfns(['result', verb, '--wait']);
    t.is(run.code, 4);
    t.regex(run.err, new RegExp(`^${status}\n.*twice`, 's'));
  }
});

test('delete takes what has ended; of several it asks, or needs --yes, and says which it could not', async t => {
  for (const id of ['gone-1', 'gone-2', 'gone-3']) {
    await dfns(['start', 'order', '--id', id, '--input', '{"qty":1,"fails":true}', '--wait']);
  }
  await dfns(['start', 'order', '--id', 'open', '--input', '{"qty":1}']);
  t.like(await dfns(['delete', 'gone-1']), { code: 0, out: 'deleted: 1 of 1\n', err: '' });
  t.is((await dfns(['show', 'gone-1'])).code, 3);
  t.is((await dfns(['delete', 'gone-1'])).code, 3);
  t.is((await dfns(['delete', 'open'])).code, 1);
  const unasked = await dfns(['delete', 'gone-2', 'gone-3']);
  t.is(unasked.code, 2);
  t.regex(unasked.err, /--yes/);
  t.is((await dfns(['delete', 'gone-2', 'gone-3'], { says: 'n' })).code, 2);
  t.is((await dfns(['show', 'gone-2'])).code, 0);
  t.is((await dfns(['delete', 'gone-2', 'gone-2'], { says: 'n' })).code, 0, 'one is one, however often it is named');
  const partly = await dfns(['delete', 'gone-3', 'open', '--yes', '--json']);
  t.is(partly.code, 6);
  t.like(json(partly), [{ id: 'gone-3' }, { id: 'open', code: 'ALREADY_RUNNING' }]);
  t.is((await dfns(['delete', 'open', 'nobody'], { says: 'y' })).code, 1);
  t.is((await dfns(['delete', 'nobody', 'open', '--yes'])).code, 1, 'whatever stands first');
  t.is((await dfns(['delete', 'nobody', 'no-one', '--yes'])).code, 3);
  await dfns(['terminate', 'open']);
});

for (const [title, args, code, err] of [
  ['an unknown verb', ['lst'], 2, /unknown command 'lst'\n\(Did you mean list\?\)/],
  ['an unknown flag', ['list', '--stauts', 'x'], 2, /unknown option '--stauts'\n\(Did you mean --status\?\)/],
  ['a missing argument', ['show'], 2, /missing required argument 'id'/],
  ['one argument too many', ['show', 'a', 'b'], 2, /too many arguments/],
  [
    'an unknown field of a filter',
    ['list', 'stauts:failed'],
    2,
    /There is no field "stauts" in q of list\. Did you mean "status"\?/,
  ],
  ['an unknown status', ['list', '--status', 'faild'], 2, /--status must be one of running, .*held/],
  ['a wrong number', ['list', '--limit', '-1'], 2, /--limit must be a whole number/],
  ['a wrong time', ['list', '--started-after', 'soon'], 2, /--started-after must be an ISO time or a duration/],
  [
    'input that is no JSON',
    ['start', 'order', '--input', 'mia'],
    2,
    /--input is not JSON: .* Text needs quotes: '"mia"'/,
  ],
  ['an input file that is not there', ['start', 'order', '--input', '@gone.json'], 2, /gone\.json cannot be read/],
  ['an unknown workflow', ['start', 'ordr'], 3, /\(UNKNOWN_WORKFLOW\)/],
  ['an unknown execution', ['show', 'nobody'], 3, /\(NOT_FOUND\)/],
  ['an unknown query', ['query', 'codes', 'quantity'], 3, /\(NOT_FOUND\)/],
  ['an update that is refused', ['update', 'codes', 'set-qty', '"x"'], 1, /a number, please.*\(UPDATE_REJECTED\)/],
  ['an id that is taken', ['start', 'order', '--id', 'codes', '--input', '{"qty":1}'], 1, /\(ALREADY_RUNNING\)/],
  ['a retry of what is not held', ['retry', 'codes'], 1, /\(NOT_RETRYABLE\)/],
  ['a URL that is none', ['list', '--url', 'ftp://localhost'], 2, /URL of a node must be such as http/],
  ['an unknown profile', ['list', '--profile', 'prod'], 2, /no profile "prod"/],
  ['an unknown shell', ['completion', 'csh'], 2, /bash, zsh or fish/],
] as const) {
  test(`${title}: exit code ${code}, and what to do`, async t => {
    await node.client.start(order, { qty: 1 }, { id: 'codes', onConflict: 'use-existing' });
    const run = await dfns(args);
    t.is(run.code, code, run.err);
    t.is(run.out, '');
    t.regex(run.err, err);
  });
}

test('a node that cannot be reached: exit code 5; as JSON where that was asked for', async t => {
  let err = '';
  const code = await runProgram(['list', '--json'], {
    stdout: { write: () => t.fail() },
    stderr: { write: text => (err += text) },
    readStdin: async () => '',
    env: {},
    cwd: folder,
    interrupted: new AbortController().signal,
    connect: async () => {
      throw new DfnsError('UNAVAILABLE', 'No node answers.');
    },
  });
  t.is(code, 5);
  t.deepEqual(JSON.parse(err), { error: { code: 'UNAVAILABLE', message: 'No node answers.' } });
});

test('tail and watch listen: what happens is told, and the node is asked for nothing else', async t => {
  const asked: string[] = [];
  const client = new Proxy(node.client, {
    get(target, name: keyof Client) {
      if (name === 'list') asked.push(name);
      const given: unknown = target[name];
      return typeof given === 'function' ? (given.bind(target) as unknown) : given;
    },
  });
  const interrupted = new AbortController();
  const steps: readonly (readonly [RegExp, () => Promise<unknown>])[] = [
    [/of-tail {2}order/, () => dfns(['signal', 'of-tail', 'approval'])],
    [/✓ completed +of-tail/, () => dfns(['start', 'order', '--id', 'tail-fails', '--input', '{"qty":1,"fails":true}'])],
    [/✗ failed +tail-fails {2}order/, async () => interrupted.abort()],
  ];
  let step = 0;
  const listening = dfns(['tail', '--lines', '0', '--workflow', 'order'], {
    client,
    interrupted: interrupted.signal,
    said: out => {
      if (steps[step]?.[0].test(out)) void steps[step++]![1]();
    },
  });
  while (asked.length === 0) await new Promise(resolve => setImmediate(resolve));
  await dfns(['start', 'order', '--id', 'of-tail', '--input', '{"qty":1}']);
  t.is((await listening).code, 130);
  t.is(step, 3);
  t.deepEqual(asked, ['list']);

  await dfns(['start', 'order', '--id', 'of-watch', '--input', '{"qty":1}']);
  const said = (out: string) => {
    if (/signal approval/.test(out)) void dfns(['signal', 'of-watch', 'approval']);
  };
  const watched = await dfns(['watch', 'of-watch'], { said });
  t.is(watched.code, 0);
  t.regex(watched.out, /● running {2}signal approval\n.*✓ completed\n$/);
});

test('tail of a filter tells what it finds and nothing else', async t => {
  const interrupted = new AbortController();
  const asked: string[] = [];
  const client = new Proxy(node.client, {
    get(target, name: keyof Client) {
      if (name === 'list') asked.push(name);
      const given: unknown = target[name];
      return typeof given === 'function' ? (given.bind(target) as unknown) : given;
    },
  });
  const listening = dfns(['tail', '--lines', '0', 'status:failed', 'id:sifted-*'], {
    client,
    interrupted: interrupted.signal,
    said: out => {
      if (/sifted-b/.test(out)) interrupted.abort();
    },
  });
  while (asked.length === 0) await new Promise(resolve => setImmediate(resolve));
  await dfns(['start', 'order', '--id', 'sifted-a', '--input', '{"qty":1}']);
  await dfns(['signal', 'sifted-a', 'approval']);
  await dfns(['start', 'order', '--id', 'sifted-b', '--input', '{"qty":1,"fails":true}']);
  const { out } = await listening;
  t.regex(out, /^[\d-]+ [\d:]+ +✗ failed +sifted-b.*\n$/);
});

test('Ctrl-C ends a wait: exit code 130', async t => {
  await dfns(['start', 'order', '--id', 'waits', '--input', '{"qty":1}']);
  for (const args of [['result', 'waits', '--wait'], ['watch', 'waits'], ['tail']]) {
    const interrupted = new AbortController();
    const run = dfns(args, { interrupted: interrupted.signal });
    setImmediate(() => interrupted.abort());
    t.is((await run).code, 130, args.join(' '));
  }
});

test('where the node is: flag over environment over profile over file over the default', async t => {
  const cwd = mkdtempSync(join(folder, 'config-'));
  t.like((await dfns(['list'], { cwd })).target, { url: 'http://127.0.0.1:3367', apiKey: undefined });
  const values = { url: 'http://file', namespace: 'n', profiles: { prod: { url: 'http://prod', apiKey: 'k' } } };
  writeFileSync(join(cwd, 'dfns.config.json'), JSON.stringify(values));
  t.like((await dfns(['list'], { cwd })).target, { url: 'http://file', namespace: 'n' });
  t.like((await dfns(['list', '--profile', 'prod'], { cwd })).target, {
    url: 'http://prod',
    apiKey: 'k',
    namespace: 'n',
  });
  const env = { DFNS_URL: 'http://env', DFNS_PROFILE: 'prod' };
  t.like((await dfns(['list'], { cwd, env })).target, { url: 'http://env', apiKey: 'k' });
  t.like((await dfns(['list', '--url', 'http://flag'], { cwd, env })).target, { url: 'http://flag' });
});

test('a host and port are a URL; what is none is not', async t => {
  for (const [given, url] of [
    ['localhost:3367', 'http://localhost:3367'],
    ['dfns.internal/prefix', 'http://dfns.internal/prefix'],
    ['[::1]:3367', 'http://[::1]:3367'],
    ['https://host', 'https://host'],
  ] as const) {
    t.like((await dfns(['list', '--url', given])).target, { url });
  }
  for (const given of ['file:///etc/passwd', 'mailto:mia', 'a b', ''])
    t.is((await dfns(['list', '--url', given])).code, 2);
});

test('a config file that a node would refuse is a warning for who asks one', async t => {
  const cwd = mkdtempSync(join(folder, 'config-'));
  writeFileSync(join(cwd, 'dfns.config.json'), '{ "stroe": "memory:", "url": "http://file" }');
  const slip = await dfns(['list'], { cwd });
  t.like(slip, { code: 0, target: { url: 'http://file' } });
  t.regex(slip.err, /^warning: There is no option "stroe" \(dfns\.config\.json:1\)\. Did you mean "store"\?\n$/);
  t.is((await dfns(['config'], { cwd })).code, 2);
  writeFileSync(join(cwd, 'dfns.config.json'), '{ "url": ');
  const broken = await dfns(['list'], { cwd, env: { DFNS_URL: 'http://env' } });
  t.like(broken, { code: 0, target: { url: 'http://env' } });
  t.regex(broken.err, /^warning: The config file .* cannot be read: .*are not known\.\n$/);
  t.is((await dfns(['list', '--profile', 'prod'], { cwd })).code, 2);
  t.is((await dfns(['list'], { cwd, env: { DFNS_CONFIG: 'gone.json' } })).code, 2);
});

test('what fails in dfns itself is told without where in dfns, unless that is asked for', async t => {
  const client = {
    ...node.client,
    list: () => {
      throw new TypeError('of null');
    },
  } as unknown as Client;
  const run = await dfns(['list'], { client });
  t.like(run, { code: 1, err: 'error TypeError: of null\nDFNS_DEBUG=1 shows where.\n' });
  t.regex((await dfns(['list'], { client, env: { DFNS_DEBUG: '1' } })).err, /of null\n[^]*at .*program\.test/);
});

test('config says what is in force and from where, and hides what is secret', async t => {
  const cwd = mkdtempSync(join(folder, 'config-'));
  writeFileSync(join(cwd, 'dfns.config.json'), '{ "store": "sqlite:a.db", "shards": 4, "files": "w.ts" }');
  const run = await dfns(['config', '--log', 'warn', '--json'], { cwd, env: { DFNS_SHARDS: '8' } });
  t.like(json(run), {
    files: ['w.ts'],
    options: [
      { option: 'log', value: 'warn', origin: '--log' },
      { option: 'shards', value: '8', origin: 'DFNS_SHARDS' },
      { option: 'store', value: 'sqlite:a.db', origin: 'dfns.config.json' },
    ],
  });
  // Its files stand beside it, from wherever it is read.
  const above = await dfns(['config', '--config', join(basename(cwd), 'dfns.config.json'), '--json'], { cwd: folder });
  t.like(json(above), { files: [join(basename(cwd), 'w.ts')] });
  const bare = mkdtempSync(join(folder, 'config-'));
  t.regex((await dfns(['config'], { cwd: bare })).out, /^files +none$/m);
  writeFileSync(join(bare, 'workflows.ts'), '');
  t.regex((await dfns(['config'], { cwd: bare })).out, /^files +workflows\.ts \(default\)$/m);
  const wrong = await dfns(['config'], { cwd, env: { DFNS_SHARDS: '0' } });
  t.is(wrong.code, 2);
  t.regex(wrong.err, /shards of startNode.*It is set by DFNS_SHARDS/);
  const url = 'postgres://mia:secret@host/db';
  t.false((await dfns(['config'], { cwd, env: { DFNS_STORE: url } })).out.includes('secret'));
  for (const env of [
    { DFNS_TRANSPORT: 'nats://mia:hushhush@host:4222,other:4222' },
    { DFNS_TRANSPORT: 'nats://hushhush@host:4222' },
    { DFNS_CLUSTER_SECRET: 'hushhush-of-the-cluster' },
  ]) {
    const { code, out } = await dfns(['config'], { cwd, env });
    t.is(code, 0);
    t.regex(out, /\(hidden\)/);
    t.notRegex(out, /hushhush/);
  }
});

test.serial('an execution that failed is tried again from its failure', async t => {
  stock = 0;
  const failed = await dfns(['start', 'stocked', '--id', 'stocked', '--wait']);
  t.like(failed, { code: 4, err: 'failed\nTaskError: none left\n  caused by Error: none left\n' });
  stock = 1;
  t.regex((await dfns(['retry', 'stocked'])).out, /^goes on, in run [0-9a-f-]+\n$/);
  t.like(await dfns(['result', 'stocked', '--wait']), { code: 0, out: '1\n' });
  t.is((await dfns(['retry', 'stocked', '--from', 'middle'])).code, 2);
});

test.serial('a pending task is tried at once, or given its outcome', async t => {
  stock = 0;
  for (const id of ['now', 'given', 'failed']) await dfns(['start', 'patient', '--id', id]);
  const failedOnce = async (id: string) => {
    while (!(await dfns(['history', id])).out.includes('task-failed')) await new Promise(setImmediate);
  };
  await Promise.all(['now', 'given', 'failed'].map(failedOnce));
  t.regex((await dfns(['show', 'now'])).out, /waits on +task take, attempt 2, .*none left.*, next in/);
  t.regex((await dfns(['history', 'now'])).out, /task-failed +take +Error: none left, next in [\dhms. ]+\n/);
  stock = 2;
  t.is((await dfns(['task', 'retry-now', 'now', '1'])).out, 'the next attempt begins\n');
  t.like(await dfns(['result', 'now', '--wait']), { code: 0, out: '2\n' });
  t.is((await dfns(['task', 'complete', 'given', '1', '7'])).code, 0);
  t.like(await dfns(['result', 'given', '--wait']), { code: 0, out: '7\n' });
  t.is((await dfns(['task', 'fail', 'failed', '1', 'sold out'])).code, 0);
  t.regex((await dfns(['result', 'failed', '--wait'])).err, /sold out/);
  t.is((await dfns(['task', 'fail', 'failed', '1'])).code, 2);
  t.is((await dfns(['task', 'drop', 'failed', '1'])).code, 2);
});

test('bench measures a store and leaves nothing behind', async t => {
  const run = await dfns(['bench', '--executions', '20', '--steps', '3', '--concurrency', '4', '--json']);
  t.is(run.code, 0, run.err);
  const figures = json(run) as { steps: number; stepsPerSecond: number; latencyMs: Record<string, number> };
  t.is(figures.steps, 60);
  t.true(figures.stepsPerSecond > 0 && figures.latencyMs['p50']! <= figures.latencyMs['max']!);
  t.is((await dfns(['bench', '--steps', '0'])).code, 2);
});

test('every verb has help with examples of its own name', async t => {
  const help = await dfns(['--help']);
  t.is(help.code, 0);
  const names = [...Object.keys(VERBS), 'completion'];
  t.deepEqual(GROUPS.flatMap(({ verbs }) => verbs).toSorted(), Object.keys(VERBS).toSorted());
  for (const name of names) {
    t.regex(help.out, new RegExp(`\n  ${name} `));
    for (const args of [
      [name, '--help'],
      ['help', name],
    ]) {
      const { code, out } = await dfns(args);
      t.is(code, 0);
      t.regex(out, new RegExp(`Usage: dfns ${name} [^]*Examples:\n  \\$ .*dfns ${name}`), name);
      for (const line of out.split('\n')) t.true(line.length <= 80 || line.startsWith('  $'), line);
    }
  }
});

test('completion knows every verb and flag', async t => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, out } = await dfns(['completion', shell]);
    t.is(code, 0);
    for (const name of Object.keys(VERBS)) t.true(out.includes(name), name);
    t.true(out.includes('idempotency-key'));
  }
});
