import test from 'ava';
import { query, signal, startNode, task, update, workflow } from 'dfns';
import type { ClientMiddleware, DfnsError, Middleware } from 'dfns';
import { connect } from 'dfns/client';
import { IN_PROCESS, onEachStore } from './on-each-store.ts';
import { scratch } from './scratch.ts';

const go = signal<'go', number>('go');
const add = update<'add', number, number>('add');
const total = query<'total', number, number>('total');
const seen = task({ name: 'seen' }, (input: number, t) => ({ input, headers: t.headers }));
const order = workflow(
  { name: 'order', signals: [go], updates: [add], queries: [total] },
  async (ctx, input: number) => {
    let sum = input;
    ctx.on(add, n => (sum += n));
    ctx.on(total, n => sum * n);
    const given = await ctx.waitForSignal(go);
    const ran = await ctx.run(seen, given);
    const step = await ctx.step('step', t => t.attempt);
    return { input, given, ran, step, headers: ctx.info.headers };
  },
);

/** Client layers see and change what is asked, task layers what bodies get and give, workflow layers both, as ctx calls. */
function watching(lines: string[]): Middleware {
  return {
    client: async (call, next) => {
      lines.push(`client ${call.operation} ${call.name} ${String(call.input)}`);
      if (call.operation === 'start') return next({ ...call, headers: { ...call.headers, tenant: 'acme' } });
      if (call.operation === 'signal') return next({ ...call, input: 10 });
      const answer = await next();
      return call.operation === 'query' ? -(answer as number) : answer;
    },
    workflow: async ({ workflow: name, ctx, input }, next) => {
      lines.push(`workflow ${name} ${String(input)}`);
      await ctx.sleep(1);
      const result = (await next({ workflow: name, version: 1, ctx, input: (input as number) + 1 })) as object;
      return { ...result, around: ctx.info.headers['tenant'] };
    },
    task: async (call, next) => {
      lines.push(`task ${call.task} ${String(call.input)} ${call.t.attempt}`);
      const result = await next(call.task === 'seen' ? { ...call, input: (call.input as number) + 1 } : call);
      return call.task === 'step' ? [result] : result;
    },
  };
}

const lines: string[] = [];
onEachStore(
  'middleware stands around calls, workflows, tasks and steps; headers that it adds travel',
  { workflows: [order], middleware: [watching(lines)] },
  async (t, { client }) => {
    lines.length = 0;
    const handle = await client.start(order, 1, { headers: { caller: 'me' } });
    t.is(await handle.update(add, 3), 5);
    t.is(await handle.query(total, 2), -10);
    await handle.signal(go, 7);
    const headers = { caller: 'me', tenant: 'acme' };
    t.deepEqual(await handle.result(), {
      input: 2,
      given: 10,
      ran: { input: 11, headers },
      step: [1],
      headers,
      around: 'acme',
    } as never);
    t.deepEqual(lines, [
      'client start order 1',
      'workflow order 1',
      'client update add 3',
      'client query total 2',
      'client signal go 7',
      'task seen 10 1',
      'task step undefined 1',
    ]);
  },
  IN_PROCESS,
);

onEachStore(
  'what middleware throws fails the attempt, the execution or the call, as if the body had thrown it',
  {
    workflows: [order, workflow({ name: 'plain' }, ctx => ctx.step('s', () => 1, { retry: { maxAttempts: 1 } }))],
    middleware: [
      {
        client: (call, next) => {
          if (call.name === 'total') throw new Error('no queries');
          return next();
        },
        workflow: async (call, next) => {
          if (call.input === 'bad') throw new Error('bad input');
          return next();
        },
        task: async (call, next) => {
          if (call.task === 's') throw new Error('no steps');
          return next();
        },
      },
    ],
  },
  async (t, { client }) => {
    await t.throwsAsync(client.execute('plain', undefined), { message: /no steps/ });
    await t.throwsAsync(client.execute('plain', 'bad'), { message: 'bad input' });
    const handle = await client.start(order, 1);
    await handle.update(add, 1);
    await t.throwsAsync(handle.query(total, 1), { message: 'no queries' });
  },
  IN_PROCESS,
);

const shelf = workflow(
  { name: 'shelf', signals: [go], updates: [add], attributes: { tier: 'keyword' } },
  async (ctx, input: number) => {
    let sum = input;
    ctx.on(add, n => (sum += n));
    const given = await ctx.waitForSignal(go);
    const made = await ctx.step('make', () => {
      throw new Error('nothing there');
    });
    return { sum, given, made, tenant: ctx.info.headers['tenant'] };
  },
);

for (const over of ['the client of the node', 'connect'] as const) {
  test(`middleware of ${over} stands around all that changes something, and sees and changes values`, async t => {
    const seen: string[] = [];
    const client: ClientMiddleware = async (call, next) => {
      const { operation, id, name, command, input, message } = call;
      seen.push(
        [operation, id, name, command, JSON.stringify(input), message && `${message.name}=${String(message.input)}`]
          .filter(each => each !== undefined)
          .join(' '),
      );
      const more = { ...call, headers: { ...call.headers, tenant: 'acme' } };
      if (message) return next({ ...more, message: { ...message, input: (message.input as number) + 1 } });
      if (operation === 'completeTask') return next({ ...call, input: 'from outside' });
      if (operation === 'setAttributes') return next({ ...call, input: { tier: 'gold' } });
      return next(operation === 'start' ? more : call);
    };
    const node = await startNode({
      workflows: [shelf],
      middleware: over === 'connect' ? [] : [{ client }],
      http: { port: 0 },
      log: 'silent',
    });
    t.teardown(() => node.stop());
    const asked = over === 'connect' ? connect(node.url!, { middleware: [client] }) : node.client;

    const { handle, result } = await asked.updateWithStart(shelf, 1, { id: 'a', update: { name: add, input: 2 } });
    t.is(result, 4);
    await handle.startUpdate(add, 1);
    await handle.setAttributes({ tier: 'none' });
    t.deepEqual((await handle.describe()).attributes, { tier: 'gold' });
    await asked.signalWithStart(shelf, 1, { id: 'a', signal: { name: go, payload: 6 } });
    let command: number | undefined;
    for await (const event of handle.history()) if (event.type === 'task-scheduled') ({ command } = event);
    await handle.completeTask(command!, 'as it was');
    t.deepEqual(await handle.result(), { sum: 5, given: 7, made: 'from outside', tenant: 'acme' } as never);
    await handle.delete();
    for await (const { error } of asked.startMany(shelf, [{ input: 3, id: 'b' }])) t.is(error, undefined);
    await asked.get(shelf, 'b').cancel('enough');
    await t.throwsAsync(asked.get(shelf, 'b').retry({ from: 'start' }), { code: 'NOT_RETRYABLE' });
    t.deepEqual(seen, [
      'updateWithStart a shelf 1 add=2',
      'startUpdate a add 1',
      'setAttributes a {"tier":"none"}',
      'signalWithStart a shelf 1 go=6',
      `completeTask a ${command} "as it was"`,
      'delete a',
      'start b shelf 3',
      'cancel b "enough"',
      'retry b "start"',
    ]);
  });
}

test('workflow middleware replays: an execution goes on after a restart, under the same middleware', async t => {
  const store = `sqlite:${scratch(t)}/app.db`;
  const middleware = [watching([])];
  const first = await startNode({ workflows: [order], store, middleware, log: 'silent' });
  const { id } = await first.client.start(order, 1);
  t.is(await first.client.get(order, id).update(add, 1), 3);
  await first.stop();
  const second = await startNode({ workflows: [order], store, middleware, log: 'silent' });
  t.teardown(() => second.stop());
  await second.client.get(order, id).signal(go, 1);
  t.like(await second.client.get(order, id).result(), { input: 2, given: 10 });
});

test('what is no middleware is refused, and named', async t => {
  const refused = (middleware: unknown) =>
    startNode({ workflows: [order], middleware: middleware as never, log: 'silent' }).then(
      node => node.stop(),
      (error: DfnsError) => `${error.code} ${error.message}`,
    );
  t.is(
    await refused([{ task: 1 }]),
    'VALIDATION middleware[0].task of startNode: must be a function (call, next) => …',
  );
  t.regex(String(await refused([{ tasks: () => 1 }])), /VALIDATION/);
  t.regex(String(await refused({})), /VALIDATION middleware of startNode/);
});
