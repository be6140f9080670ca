import test from 'ava';
import { METRICS } from '@dfnsjs/actor-core/ports';
import { openTelemetry, type TelemetryOptions } from './open.ts';

const output = { write: () => undefined };
const open = (options: Partial<TelemetryOptions>) =>
  openTelemetry({
    log: 'info',
    metrics: false,
    tracing: undefined,
    version: '1.2.3',
    output,
    now: () => 0,
    ...options,
  });

test('where nobody asks nothing is counted or traced, and a scrape is told so', async t => {
  const { measurements, tracer, metrics } = await open({});
  t.is(measurements, undefined);
  t.is(tracer, undefined);
  t.like(await t.throwsAsync(metrics()), { code: 'NOT_FOUND' });
});

test('a scrape knows every metric of the table, counted or not', async t => {
  const { metrics } = await open({ metrics: true });
  const { text } = await metrics();
  for (const { name, kind } of Object.values(METRICS)) t.true(text.includes(`# TYPE ${name} ${kind}\n`), name);
});

test('a wrong address is told before anything is opened', async t => {
  t.like(await t.throwsAsync(open({ metrics: { statsd: 'tcp://stats' } })), { code: 'VALIDATION' });
});

test('a terminal gets text, everybody else JSON, and a log of the user gets all', async t => {
  const written: string[] = [];
  const write = (text: string) => written.push(text);
  (await open({ output: { isTTY: true, write } })).log.write('info', 'hello');
  (await open({ output: { write } })).log.write('info', 'hello');
  (await open({ log: { write: (level, message) => written.push(`${level} ${message}`) } })).log.write('debug', 'hello');
  t.deepEqual(written, [
    '00:00:00.000 info  hello\n',
    '{"level":"info","time":"1970-01-01T00:00:00.000Z","msg":"hello"}\n',
    'debug hello',
  ]);
});
