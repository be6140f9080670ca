import test from 'ava';
import { Watch, type Sight } from './watch.ts';

const sight = (more: Partial<Sight>): Sight => ({ entries: 1, occupied: true, beats: 1, debugged: false, ...more });

test('code that stays on the stage is doubtful, and stalled after its time, which is told once', t => {
  const watch = new Watch(1_000);
  const findings = Array.from({ length: 7 }, (_, look) => watch.look(sight({ beats: look }), 250));
  t.deepEqual(findings, ['well', 'doubtful', 'doubtful', 'doubtful', 'stalled', 'doubtful', 'doubtful']);
  t.is(watch.look(sight({ beats: 9, entries: 2 }), 250), 'well');
});

test('a loop whose stage is entered again and again is well, however long', t => {
  const watch = new Watch(1_000);
  for (let look = 0; look < 20; look++) {
    t.is(watch.look(sight({ entries: look, beats: Math.floor(look / 3) }), 250), 'well');
  }
});

test('a loop that stands still with nobody on the stage is stalled after its time', t => {
  const watch = new Watch(1_000);
  const findings = Array.from({ length: 6 }, () => watch.look(sight({ occupied: false }), 250));
  t.deepEqual(findings, ['well', 'well', 'well', 'well', 'stalled', 'doubtful']);
});

test('while a debugger is attached nothing is a stall, and the time before does not count after', t => {
  const watch = new Watch(1_000);
  for (let look = 0; look < 20; look++) t.is(watch.look(sight({ debugged: true }), 250), 'well');
  t.is(watch.look(sight({}), 250), 'doubtful');
  t.is(watch.look(sight({}), 250), 'doubtful');
});
