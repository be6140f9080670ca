import test from 'ava';
import { SeededRandom } from '../seeded-random.ts';
import { PassingMap } from './passing-map.ts';

test('it holds what a Map does, however much comes and passes', t => {
  const random = new SeededRandom(7);
  const passing = new PassingMap<number, object>();
  const map = new Map<number, object>();
  for (let step = 0; step < 20_000; step++) {
    const key = Math.floor(random.next() * (step % 5_000 < 2_500 ? 400 : 20));
    if (random.next() < 0.5) {
      const value = {};
      passing.set(key, value);
      map.set(key, value);
    } else if (passing.delete(key) !== map.delete(key)) t.fail(`${key} was removed from one of them`);
    if (passing.get(key) !== map.get(key) || passing.has(key) !== map.has(key)) t.fail(`${key} differs`);
    if (step % 500 === 0) {
      t.is(passing.size, map.size);
      t.deepEqual([...passing.keys()], [...map.keys()]);
      t.true([...passing.values()].every((value, at) => value === [...map.values()][at]));
    }
  }
  passing.clear();
  t.deepEqual([passing.size, [...passing.entries()]], [0, []]);
});
