import test from 'ava';
import { Distribution, Measurements, OTHER } from './measurements.ts';
import { METRICS } from './metrics.ts';

const reading = (measurements: Measurements, key: string) =>
  measurements.read().find(each => each.key === key)?.series ?? [];

test('the same labels are the same series', t => {
  const measurements = new Measurements(() => 0);
  measurements.counter('activations', ['start']).value++;
  measurements.counter('activations', ['start']).value++;
  measurements.counter('activations', ['journal']).value++;
  t.deepEqual(reading(measurements, 'activations'), [
    { labels: ['start'], value: 2 },
    { labels: ['journal'], value: 1 },
  ]);
});

test('labels that read the same when joined are told apart', t => {
  const measurements = new Measurements(() => 0);
  t.not(
    measurements.counter('executionsStarted', ['a,b', 'c']),
    measurements.counter('executionsStarted', ['a', 'b,c']),
  );
});

test('names without bound are one series beyond a bound', t => {
  const measurements = new Measurements(() => 0);
  for (let n = 0; n < 5_000; n++) measurements.counter('executionsStarted', ['default', `w${n}`]).value++;
  const series = reading(measurements, 'executionsStarted') as { labels: readonly string[]; value: number }[];
  t.is(series.length, 1_001);
  t.deepEqual(series.at(-1), { labels: [OTHER, OTHER], value: 4_000 });
});

test('a value on a bound falls under it', t => {
  const distribution = new Distribution([], [1, 2]);
  for (const value of [0, 1, 1.5, 2, 2.1, 100]) distribution.observe(value);
  t.deepEqual(distribution.counts, [2, 2, 2]);
  t.is(distribution.sum, 106.6);
});

test('gauges are read when somebody asks', t => {
  const measurements = new Measurements(() => 0);
  let residents = 1;
  measurements.gauge('actorsResident', () => [[[], residents]]);
  residents = 7;
  t.deepEqual(reading(measurements, 'actorsResident'), [{ labels: [], value: 7 }]);
});

const ID = /(^|_)id$/;

for (const { name, kind, labels, help } of Object.values(METRICS)) {
  test(`${name} is named as Prometheus wants it, and no label of it is an id`, t => {
    t.regex(name, /^dfns_[a-z0-9_]+$/);
    t.is(name.endsWith('_total'), kind === 'counter');
    t.true(help.endsWith('.'));
    for (const label of labels) t.notRegex(label, ID);
  });
}
