import test from 'ava';
import { FakeClock } from '../ports/fake-clock.ts';
import { SeededRandom } from '../seeded-random.ts';
import { Timers } from './timers.ts';

test('random sets and cancels ring as a plain sorted list would', async t => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new SeededRandom(seed);
    const clock = new FakeClock(0);
    const timers = new Timers(clock);
    const rung: number[] = [];
    const expected: number[] = [];
    let model: { at: number; n: number }[] = [];
    const handles = new Map<number, { cancel(): void }>();
    for (let n = 0; n < 400; n++) {
      const dice = random.next();
      if (dice < 0.6) {
        const at = clock.now() + Math.floor(random.next() * 50);
        handles.set(
          n,
          timers.set(at, () => rung.push(n)),
        );
        model.push({ at, n });
      } else if (dice < 0.9 && model.length > 0) {
        const [gone] = model.splice(Math.floor(random.next() * model.length), 1);
        handles.get(gone!.n)!.cancel();
        handles.get(gone!.n)!.cancel();
      } else if (dice < 0.95) {
        await clock.advance(Math.floor(random.next() * 10));
        const due = model.filter(each => each.at <= clock.now()).sort((a, b) => a.at - b.at || a.n - b.n);
        model = model.filter(each => each.at > clock.now());
        expected.push(...due.map(each => each.n));
        t.deepEqual(rung, expected, `seed ${seed}`);
      }
      t.is(timers.size, model.length);
      t.true(clock.armed <= 1);
    }
  }
});

test('a timer set while others ring, due already, rings in the same stretch', async t => {
  const clock = new FakeClock(0);
  const timers = new Timers(clock);
  const rung: string[] = [];
  timers.set(5, () => {
    rung.push('first');
    timers.set(3, () => rung.push('late'));
  });
  await clock.advance(5);
  t.deepEqual(rung, ['first', 'late']);
});

test('cancelled ones do not stay in memory, and clear forgets all', async t => {
  const clock = new FakeClock(0);
  const timers = new Timers(clock);
  let rung = 0;
  for (let i = 0; i < 1_000; i++) timers.set(10, () => rung++).cancel();
  t.is(timers.size, 0);
  const kept = timers.set(10, () => rung++);
  timers.clear();
  kept.cancel();
  await clock.advance(20);
  t.deepEqual([rung, timers.size, clock.armed], [0, 0, 0]);
});
