import test from 'ava';
import { readEnvironment, variableOf } from './environment.ts';
import { textOptions, type TextOption } from '../options.ts';

const OPTIONS: readonly TextOption[] = [
  { path: ['store'], kind: 'text' },
  { path: ['shards'], kind: 'number' },
  { path: ['sticky'], kind: 'boolean' },
  { path: ['http', 'port'], kind: 'number' },
  { path: ['http', 'apiKeys'], kind: 'list' },
  { path: ['drainTimeout'], kind: 'text' },
];
const read = (env: Record<string, string>) => readEnvironment(env, OPTIONS).values;

test('variables are the options, in capitals, nested ones behind their room', t => {
  t.deepEqual(
    read({
      DFNS_STORE: 'sqlite:a.db',
      DFNS_SHARDS: '4',
      DFNS_STICKY: 'false',
      DFNS_HTTP_PORT: '80',
      DFNS_API_KEYS: 'admin=a,app@x=b',
      DFNS_DRAIN_TIMEOUT: '5s',
    }),
    {
      store: 'sqlite:a.db',
      shards: 4,
      sticky: false,
      http: { port: 80, apiKeys: ['admin=a', 'app@x=b'] },
      drainTimeout: '5s',
    },
  );
});

test('an empty variable is as none', t => {
  t.deepEqual(read({ DFNS_STORE: '', HOME: '/root' }), {});
});

test('a slip is refused with the nearest name', t => {
  t.throws(() => read({ DFNS_STOER: 'x' }), {
    code: 'VALIDATION',
    message: /no DFNS_STOER .* Did you mean DFNS_STORE\?/,
  });
  t.throws(() => read({ DFNS_HTTP_PROT: '1' }), { message: /Did you mean DFNS_HTTP_PORT\?/ });
});

test('what is nothing of ours is left alone: what a cluster sets beside a service of our name, too', t => {
  t.deepEqual(read({ DFNS_PORT: 'tcp://10.0.0.1:3367', DFNS_SERVICE_HOST: '10.0.0.1', DFNS_PORT_3367_TCP: 'x' }), {});
  t.deepEqual(read({ DFNS_URL: 'http://x', DFNS_WEATHER_FORECAST_OF_TOMORROW: 'sun' }), {});
});

test('text that is no number or no boolean is refused by the name of its variable', t => {
  t.throws(() => read({ DFNS_SHARDS: 'many' }), {
    code: 'VALIDATION',
    message: /^DFNS_SHARDS must be a number, got "many"/,
  });
  t.throws(() => read({ DFNS_STICKY: 'yes' }), { code: 'VALIDATION', message: /^DFNS_STICKY must be true or false/ });
});

test('every option of a node but its code has a variable', t => {
  const variables = textOptions().map(({ path }) => variableOf(path));
  for (const name of ['DFNS_STORE', 'DFNS_NAMESPACE', 'DFNS_LOG', 'DFNS_PASSIVATE_AFTER', 'DFNS_DRAIN_TIMEOUT']) {
    t.true(variables.includes(name), name);
  }
  for (const name of ['DFNS_METRICS', 'DFNS_METRICS_STATSD', 'DFNS_TRACING']) t.true(variables.includes(name), name);
  t.is(textOptions().find(({ path }) => path.join('.') === 'tracing')?.kind, 'boolean');
  t.false(variables.some(name => /WORKFLOWS|TASKS|DEPS/.test(name)));
  t.is(new Set(variables).size, variables.length);
});

test('the options of http come from the environment, keys by their short name', t => {
  const { values } = readEnvironment({ DFNS_HTTP_PORT: '80', DFNS_API_KEYS: 'admin=a,app@x=b' });
  t.deepEqual(values, { http: { port: 80, apiKeys: 'admin=a,app@x=b' } });
});
