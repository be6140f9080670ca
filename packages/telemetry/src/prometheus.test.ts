import test from 'ava';
import { Measurements } from '@dfnsjs/actor-core/ports';
import { ownText, prometheusPage } from './prometheus.ts';

async function linesOf(measurements: Measurements, name: string): Promise<string[]> {
  const { text } = await prometheusPage(() => measurements.read());
  return text.split('\n').filter(line => line.startsWith(name));
}

test('counters and gauges have a line a series', async t => {
  const measurements = new Measurements(() => 0);
  measurements.counter('executionsStarted', ['default', 'order']).value = 3;
  measurements.counter('executionsStarted', ['other', 'order']).value = 1;
  measurements.gauge('actorsResident', () => [[[], 2]]);
  t.deepEqual(await linesOf(measurements, 'dfns_executions_started_total'), [
    'dfns_executions_started_total{dfns_namespace="default",workflow="order"} 3',
    'dfns_executions_started_total{dfns_namespace="other",workflow="order"} 1',
  ]);
  t.deepEqual(await linesOf(measurements, 'dfns_actors_resident'), ['dfns_actors_resident 2']);
});

test('buckets of a histogram hold all that is under their bound', async t => {
  const measurements = new Measurements(() => 0);
  const sizes = measurements.distribution('commitBatch', []);
  for (const size of [1, 3, 4, 1_000]) sizes.observe(size);
  t.deepEqual(await linesOf(measurements, 'dfns_commit_batch_turns'), [
    'dfns_commit_batch_turns_bucket{le="1"} 1',
    'dfns_commit_batch_turns_bucket{le="2"} 1',
    'dfns_commit_batch_turns_bucket{le="4"} 3',
    'dfns_commit_batch_turns_bucket{le="8"} 3',
    'dfns_commit_batch_turns_bucket{le="16"} 3',
    'dfns_commit_batch_turns_bucket{le="32"} 3',
    'dfns_commit_batch_turns_bucket{le="64"} 3',
    'dfns_commit_batch_turns_bucket{le="128"} 3',
    'dfns_commit_batch_turns_bucket{le="256"} 3',
    'dfns_commit_batch_turns_bucket{le="+Inf"} 4',
    'dfns_commit_batch_turns_sum 1008',
    'dfns_commit_batch_turns_count 4',
  ]);
});

test('names of user code are escaped', async t => {
  const measurements = new Measurements(() => 0);
  measurements.counter('executionsStarted', ['default', 'a"b\\c\nd']).value = 1;
  t.deepEqual(await linesOf(measurements, 'dfns_executions_started_total'), [
    'dfns_executions_started_total{dfns_namespace="default",workflow="a\\"b\\\\c\\nd"} 1',
  ]);
});

test('the process is measured once, however many nodes it runs, and nothing is named as what it is not', async t => {
  for (let nodes = 0; nodes < 2; nodes++) {
    const { text, contentType } = await prometheusPage(() => []);
    t.regex(contentType, /^text\/plain; version=0\.0\.4/);
    t.is(text.match(/^# TYPE process_cpu_seconds_total counter$/gm)?.length, 1);
    t.deepEqual(text.match(/^# TYPE \S+_total (?!counter).*$/gm), null);
  }
});

test('of processes that share a port one page tells all, each metric once, told apart by their label', async t => {
  const [one, other] = [3, 4].map(started => {
    const measurements = new Measurements(() => 0);
    measurements.counter('executionsStarted', ['default', 'order']).value = started;
    return measurements;
  });
  other!.gauge('actorsResident', () => [[[], 2]]);
  const others = async () => [await ownText(() => other!.read(), '2')];
  const { text } = await prometheusPage(() => one!.read(), { process: '1', others });
  const linesWith = (name: string) => text.split('\n').filter(line => line.includes(name));
  t.deepEqual(linesWith('dfns_executions_started_total'), [
    linesWith('# HELP dfns_executions_started_total')[0],
    '# TYPE dfns_executions_started_total counter',
    'dfns_executions_started_total{dfns_namespace="default",workflow="order",dfns_process="1"} 3',
    'dfns_executions_started_total{dfns_namespace="default",workflow="order",dfns_process="2"} 4',
  ]);
  t.deepEqual(linesWith('dfns_actors_resident').slice(-1), ['dfns_actors_resident{dfns_process="2"} 2']);
  t.is(linesWith('# TYPE process_cpu_seconds_total').length, 1);
  t.is(linesWith('process_cpu_seconds_total{').length, 2);
});
