import test from 'ava';
import { SystemClock } from './system-clock.ts';

test('it tells the time of this machine', t => {
  t.true(Math.abs(new SystemClock().now() - Date.now()) < 1_000);
});

test('it never goes back while the wall clock goes evenly', t => {
  const clock = new SystemClock();
  let last = clock.now();
  for (let n = 0; n < 10_000; n++) {
    const now = clock.now();
    if (now < last || !Number.isInteger(now)) t.fail(`${now} after ${last}`);
    last = now;
  }
  t.pass();
});

test.serial('it follows the wall clock where that is set, and back', t => {
  const clock = new SystemClock();
  const { now } = Date;
  t.teardown(() => (Date.now = now));
  Date.now = () => now() + 86_400_000;
  t.true(clock.now() - now() > 86_000_000);
  Date.now = now;
  t.true(clock.now() - now() < 1_000);
});

test('a timer does not ring before its time, and not at all once cancelled', async t => {
  const clock = new SystemClock();
  const at = clock.now() + 5;
  const cancelled = clock.setTimer(at, () => t.fail());
  cancelled.cancel();
  await new Promise<void>(resolve => clock.setTimer(at, resolve));
  t.true(clock.now() >= at);
});

test('hops run one after the other with only microtasks, and what waits for their end, between them', async t => {
  const clock = new SystemClock();
  const order: string[] = [];
  await new Promise<void>(resolve => {
    clock.hop(() => {
      queueMicrotask(() => {
        clock.afterMicrotasks(() => order.push('after microtasks'));
        queueMicrotask(() => order.push('microtask'));
      });
      order.push('first hop');
    });
    clock.hop(() => {
      order.push('second hop');
      resolve();
    });
  });
  t.deepEqual(order, ['first hop', 'microtask', 'after microtasks', 'second hop']);
});
