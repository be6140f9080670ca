import test from 'ava';
import { WorkflowRegistry } from './registry.ts';
import { type AnyWorkflow, workflow } from './workflow.ts';

const define = (name: string, version: number) => workflow({ name, version }, async () => version);

test('a workflow is found by name and version, the highest by name alone', t => {
  const registry = new WorkflowRegistry();
  const versions = [define('order', 2), define('order', 10), define('order', 1), define('constructor', 1)];
  for (const each of versions) registry.register(each);
  t.is(registry.get('order', 1), versions[2]);
  t.is(registry.latest('order'), versions[1]);
  t.is(registry.latest('constructor'), versions[3]);
  t.deepEqual(registry.names(), ['order', 'constructor']);
  t.deepEqual(new Set(registry), new Set(versions));
});

test('what is not registered is undefined', t => {
  const registry = new WorkflowRegistry();
  registry.register(define('order', 1));
  t.is(registry.get('order', 2), undefined);
  t.is(registry.get('other', 1), undefined);
  t.is(registry.latest('other'), undefined);
});

test('two workflows of one name and version are refused, both files named', t => {
  const registry = new WorkflowRegistry();
  const first = define('order', 1);
  registry.register(first, 'a.ts');
  t.throws(() => registry.register(define('order', 1), 'b.ts'), {
    code: 'VALIDATION',
    message: 'Two workflows are named "order", version 1: one in a.ts, one in b.ts. Give one another name or version.',
  });
  t.is(registry.get('order', 1), first);
});

test('without files, two of one name are told apart by where they were defined', t => {
  const registry = new WorkflowRegistry();
  registry.register(workflow({ name: 'order' }, async () => 1));
  const error = t.throws(() => registry.register(workflow({ name: 'order' }, async () => 2)));
  const places = [...(error?.message ?? '').matchAll(/registry\.test\.\w+:(\d+):/g)].map(([, line]) => line);
  t.is(new Set(places).size, 2);
});

test('the same definition may come twice', t => {
  const registry = new WorkflowRegistry();
  const order = define('order', 1);
  registry.register(order, 'order.ts');
  registry.register(order, 'index.ts');
  t.deepEqual([...registry], [order]);
});

test('what has no function or is no workflow is refused', t => {
  const registry = new WorkflowRegistry();
  const declared: unknown = workflow({ name: 'order' });
  t.throws(() => registry.register(declared as AnyWorkflow, 'a.ts'), {
    code: 'VALIDATION',
    message: 'workflow "order" in a.ts has no function: register what its .implement(fn) returns.',
  });
  for (const value of [undefined, 'order', { name: 'order' }]) {
    t.throws(() => registry.register(value as AnyWorkflow), { code: 'VALIDATION', message: /must hold what workflow/ });
  }
});
