import test from 'ava';
import { merge } from './merge.ts';

const layer = (name: string, values: Record<string, unknown>) => ({
  values,
  origin: (path: string) => `${name} ${path}`,
});

test('the first source that has an option decides, of nested ones each by itself', t => {
  const { values, origins } = merge([
    layer('flag', { store: 'a', http: { port: 1 } }),
    layer('env', { store: 'b', http: { port: 2, host: 'h' } }),
    layer('file', { store: 'c', log: 'info', http: { insecure: true } }),
  ]);
  t.deepEqual(values, { store: 'a', log: 'info', http: { port: 1, host: 'h', insecure: true } });
  t.deepEqual(Object.fromEntries(origins), {
    store: 'flag store',
    log: 'file log',
    'http.port': 'flag http.port',
    'http.host': 'env http.host',
    'http.insecure': 'file http.insecure',
  });
});

test('a secret of the environment and the rest of the cluster of a file are one', t => {
  const { values } = merge([
    layer('env', { cluster: { secret: 's' } }),
    layer('file', { cluster: { name: 'orders', secret: 'of the file' } }),
  ]);
  t.deepEqual(values, { cluster: { secret: 's', name: 'orders' } });
});

test('undefined is no value; objects of classes are taken whole', t => {
  class Mailer {
    from = 'dfns';
  }
  const mailer = new Mailer();
  const { values } = merge([
    layer('flag', { log: undefined, store: mailer }),
    layer('file', { log: 'warn', store: {} }),
  ]);
  t.is(values['log'], 'warn');
  t.is(values['store'], mailer);
});

test('what tasks are given stays the object that it is', t => {
  const deps = { counter: { n: 0 } };
  const { values, origins } = merge([layer('flag', {}), layer('file', { deps })]);
  t.is(values['deps'], deps);
  t.deepEqual([...origins], [['deps', 'file deps']]);
});

test('no source is changed', t => {
  const file = { http: { port: 1 } };
  merge([layer('env', { http: { host: 'h' } }), layer('file', file)]);
  t.deepEqual(file, { http: { port: 1 } });
});
