import test from 'ava';
import { SeededRandom } from '../seeded-random.ts';
import { SignalBuffer } from './signal-buffer.ts';

const payload = (n: number) => Uint8Array.of(n & 255, n >> 8) as never;

test('random puts and takes give what a plain list gives', t => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new SeededRandom(seed);
    const names = ['a', 'b', 'c', '__proto__'];
    const pick = () => names[Math.floor(random.next() * names.length)]!;
    const buffer = new SignalBuffer();
    const model: { name: string; payload: Uint8Array }[] = [];
    for (let n = 0; n < 600; n++) {
      if (random.next() < 0.52) {
        const name = pick();
        buffer.put(name, payload(n));
        model.push({ name, payload: payload(n) });
      } else {
        const wanted = random.next() < 0.5 ? [pick()] : [pick(), pick()];
        const place = model.findIndex(each => wanted.includes(each.name));
        const [expected] = place < 0 ? [] : model.splice(place, 1);
        const taken = buffer.take(wanted);
        t.deepEqual(taken && { name: taken.name, payload: taken.payload }, expected as typeof taken, `seed ${seed}`);
      }
      t.is(buffer.size, model.length);
    }
    t.deepEqual(
      buffer.rest().map(({ name, payload }) => ({ name, payload })),
      model as never,
    );
  }
});
