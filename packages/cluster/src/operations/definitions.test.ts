import test from 'ava';
import { query, signal, task, update, workflow } from '@dfnsjs/actor-core';
import { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import { z } from 'zod';
import type { OperationContext } from './context.ts';
import { definitionOperations } from './definitions.ts';

const REQUEST = { namespace: 'default' };

const order = (version: number) =>
  workflow(
    {
      name: 'order',
      version,
      input: z.object({ n: z.number().default(1) }),
      output: z.date(),
      signals: [signal('go', { input: z.string() }), signal('plain')],
      queries: [query('count', { output: z.number() })],
      updates: [update('add', { input: z.number(), output: z.number() })],
      attributes: { tier: 'keyword' },
      timeout: '1h',
    },
    async () => new Date(),
  );

function operations() {
  const workflows = new WorkflowRegistry();
  for (const version of [1, 2]) workflows.register(order(version));
  const tasks = [
    task(
      { name: 'send', input: z.object({ to: z.string() }), errors: { Bounced: z.string(), Odd: z.date() } },
      () => undefined,
    ),
  ];
  const context = {
    version: '1.2.3',
    tasks,
    workflows,
    store: { kind: 'memory' },
    node: () => 'n',
    build: 'b',
    shards: 16,
    now: () => 5,
  };
  return definitionOperations(context as unknown as OperationContext);
}

test('definitions have JSON Schemas where their library gives them, and are whole where it does not', async t => {
  const { workflows } = await operations().definitions(REQUEST);
  t.deepEqual(
    workflows.map(({ name, version, latest }) => [name, version, latest]),
    [
      ['order', 1, false],
      ['order', 2, true],
    ],
  );
  const [definition] = workflows;
  t.like(definition?.input, { type: 'object', properties: { n: { type: 'number', default: 1 } } });
  // A caller may leave out what has a default.
  t.is(definition?.input?.['required'], undefined);
  t.is(definition?.output, undefined, 'a date has no JSON Schema');
  t.like(definition, { attributes: { tier: 'keyword' }, timeoutMs: 3_600_000 });
  t.like(definition?.signals[0], { name: 'go', input: { type: 'string' } });
  t.deepEqual(definition?.signals[1], { name: 'plain' });
  t.like(definition?.queries[0]?.output, { type: 'number' });
  t.like(definition?.updates[0]?.input, { type: 'number' });
  t.notThrows(() => JSON.stringify(workflows));
});

test('info names the node and what it stands on', async t => {
  t.deepEqual(await operations().info(REQUEST), {
    node: 'n',
    build: 'b',
    store: 'memory',
    version: '1.2.3',
    shards: 16,
    now: 5,
  });
});

test('tasks are told, with the data of their failures', async t => {
  const { tasks } = await operations().definitions(REQUEST);
  t.is(tasks.length, 1);
  t.like(tasks[0], { name: 'send', thread: false, input: { type: 'object', required: ['to'] } });
  t.like(tasks[0]?.errors, { Bounced: { type: 'string' } });
  t.deepEqual(tasks[0]?.errors['Odd'], {});
});
