import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { Measurements, type Log } from '@dfnsjs/actor-core/ports';
import { parseStatsdUrl, StatsdSender } from './statsd.ts';

/** A server's socket, and what has come to it once `count` lines have. */
async function listen(t: ExecutionContext) {
  const socket = createSocket('udp4');
  const packets: string[] = [];
  const arrived = new Set<() => void>();
  socket.on('message', packet => {
    packets.push(packet.toString());
    for (const look of arrived) look();
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  const lines = () => packets.flatMap(packet => packet.split('\n'));
  const received = (count: number) =>
    new Promise<string[]>(resolve => {
      const look = () => {
        if (lines().length < count) return;
        arrived.delete(look);
        const all = lines();
        packets.length = 0;
        resolve(all);
      };
      arrived.add(look);
      look();
    });
  return { address: { host: '127.0.0.1', port: socket.address().port }, packets, received };
}

const silent: Log = { write: () => undefined };

test('what was counted is sent once, with its labels as tags', async t => {
  const { address, received } = await listen(t);
  const measurements = new Measurements(() => 0);
  const sender = new StatsdSender(address, () => measurements.read(), silent);
  const started = measurements.counter('executionsStarted', ['default', 'order']);
  measurements.gauge('actorsResident', () => [[[], 2]]);
  started.value = 3;
  await sender.flush();
  t.deepEqual(await received(2), [
    'dfns_executions_started_total:3|c|#dfns_namespace:default,workflow:order',
    'dfns_actors_resident:2|g',
  ]);
  started.value = 5;
  await sender.flush();
  t.deepEqual((await received(2))[0], 'dfns_executions_started_total:2|c|#dfns_namespace:default,workflow:order');
  await sender.flush();
  t.deepEqual(await received(1), ['dfns_actors_resident:2|g']);
  started.value = 6;
  // The rest goes with the end.
  await sender.close();
  t.is((await received(2))[0], 'dfns_executions_started_total:1|c|#dfns_namespace:default,workflow:order');
});

test('a histogram is timings in milliseconds, weighted by a sample rate', async t => {
  const { address, received } = await listen(t);
  const measurements = new Measurements(() => 0);
  const sender = new StatsdSender(address, () => measurements.read(), silent);
  t.teardown(() => sender.close());
  const durations = measurements.distribution('commitDuration', ['sqlite']);
  for (const seconds of [0.003, 0.004, 0.0049, 0.6, 1_000]) durations.observe(seconds);
  const sizes = measurements.distribution('commitBatch', []);
  sizes.observe(3);
  await sender.flush();
  t.deepEqual(await received(4), [
    'dfns_commit_duration_seconds:3.75|ms|@0.333333333333|#store:sqlite',
    'dfns_commit_duration_seconds:750|ms|#store:sqlite',
    'dfns_commit_duration_seconds:10000|ms|#store:sqlite',
    'dfns_commit_batch_turns:3|h',
  ]);
});

test('packets are no longer than what a network carries in one piece; names cannot break lines', async t => {
  const { address, packets, received } = await listen(t);
  const measurements = new Measurements(() => 0);
  const sender = new StatsdSender(address, () => measurements.read(), silent);
  t.teardown(() => sender.close());
  for (let n = 0; n < 50; n++) measurements.counter('executionsStarted', ['default', `a|b:c,d#e\n${n}`]).value = 1;
  let longest = 0;
  await sender.flush();
  const lines = await new Promise<string[]>(resolve => {
    const look = () => {
      longest = Math.max(longest, ...packets.map(packet => Buffer.byteLength(packet)));
      if (packets.join('\n').split('\n').length >= 50) resolve(received(50));
      else setImmediate(look);
    };
    look();
  });
  t.is(lines.length, 50);
  t.true(longest > 1_000 && longest <= 1_432);
  t.is(lines[0], 'dfns_executions_started_total:1|c|#dfns_namespace:default,workflow:a_b_c_d_e_0');
});

test('a host that is not there is told once, and harms nobody', async t => {
  const lines: string[] = [];
  const measurements = new Measurements(() => 0);
  measurements.gauge('actorsResident', () => [[[], 1]]);
  const log: Log = { write: (_level, message) => lines.push(message) };
  const sender = new StatsdSender({ host: 'nowhere.invalid', port: 1 }, () => measurements.read(), log);
  await sender.flush();
  await sender.flush();
  await sender.close();
  t.deepEqual(lines, ['metrics cannot be sent to StatsD']);
});

test('an address has a port, or the usual one', t => {
  t.deepEqual(parseStatsdUrl('udp://127.0.0.1:9125'), { host: '127.0.0.1', port: 9_125 });
  t.deepEqual(parseStatsdUrl('udp://stats'), { host: 'stats', port: 8_125 });
  t.deepEqual(parseStatsdUrl('udp://[::1]:1'), { host: '::1', port: 1 });
});

for (const wrong of [
  '',
  'stats:8125',
  'tcp://stats',
  'udp://',
  'udp://stats/path',
  'udp://a:b@stats',
  'udp://stats:99999',
]) {
  test(`"${wrong}" is no address of StatsD`, t => {
    t.like(
      t.throws(() => parseStatsdUrl(wrong)),
      { code: 'VALIDATION' },
    );
  });
}
