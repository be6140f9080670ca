import test from 'ava';
import { Command, project } from './command.ts';

const FILE = `
  import { signal, workflow } from 'dfns';
  const go = signal('go');
  export const order = workflow({ name: 'order', signals: [go], onError: 'hold' }, async ctx => {
    const by = await ctx.waitForSignal(go);
    throw new Error('nobody came');
  });`;

const HELD = /a is held \(ON_ERROR\): nobody came\n.*`dfns retry a`.*`dfns terminate a`/;

test('a held execution says so: to whoever waits once, to whoever sends it something', async t => {
  const folder = project(t, { 'workflows.ts': FILE });
  const dev = new Command(t, folder, ['dev', '--memory']);
  await dev.says(/ready in/);
  const dfns = async (...args: string[]) => {
    const command = new Command(t, folder, args);
    const code = await command.ends();
    return { code, out: command.out, err: command.err };
  };
  const started = new Command(t, folder, ['start', 'order', '--id', 'a', '--wait']);
  while ((await dfns('show', 'a')).code === 3);
  const watched = new Command(t, folder, ['watch', 'a']);
  await dfns('signal', 'a', 'go', '"nobody"');
  await started.says(HELD);
  await watched.says(HELD);
  const result = new Command(t, folder, ['result', 'a', '--wait']);
  await result.says(HELD);
  const now = await dfns('result', 'a');
  t.is(now.code, 6);
  t.regex(now.err, HELD);
  t.like(JSON.parse((await dfns('result', 'a', '--json')).out), { status: 'running', held: { code: 'ON_ERROR' } });
  const stored = 'stored; it is held (ON_ERROR) and takes it when it goes on\n';
  t.like(await dfns('signal', 'a', 'go', '"mia"'), { code: 0, out: stored });
  t.like(await dfns('cancel', 'a'), { code: 0, out: stored });
  t.regex((await dfns('list', '--status', 'held')).out, /held +a +order/);
  t.regex((await dfns('list', '--status', 'completed,held')).out, /held +a +order/);
  t.regex((await dfns('list', '--status', 'bogus')).err, /must be one of running, .*held/);
  await dfns('terminate', 'a');
  for (const waits of [started, result, watched]) {
    t.is(await waits.ends(), 4);
    t.is(waits.err.match(/is held/g)?.length, 1, waits.err);
  }
  dev.signal('SIGINT');
  await dev.ends();
});
