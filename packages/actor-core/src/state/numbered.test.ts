import test from 'ava';
import { SeededRandom } from '../seeded-random.ts';
import { Numbered } from './numbered.ts';

test('it holds what a Map holds, in order of the numbers, whatever is added and removed', t => {
  const random = new SeededRandom(7);
  const numbered = new Numbered<string>();
  const map = new Map<number, string>();
  for (let i = 0; i < 20_000; i++) {
    const number = random.uint32() % 60;
    if (random.next() < 0.5) {
      numbered.set(number, `${i}`);
      map.set(number, `${i}`);
    } else t.is(numbered.delete(number), map.delete(number));
    const probe = random.uint32() % 60;
    t.is(numbered.get(probe), map.get(probe));
    t.is(numbered.has(probe), map.has(probe));
    t.is(numbered.size, map.size);
    if (i % 100 > 0) continue;
    const sorted = [...map].sort(([a], [b]) => a - b);
    t.deepEqual(
      [...numbered.keys()],
      sorted.map(([each]) => each),
    );
    t.deepEqual(
      [...numbered.values()],
      sorted.map(([, thing]) => thing),
    );
  }
});
