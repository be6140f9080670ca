import test from 'ava';
import { Violation } from '../invariants/violation.ts';
import { Choices } from '../world/choices.ts';
import { shrink } from './shrink.ts';
import type { Simulation } from './simulate.ts';

const NEEDED = ['crash 3', 'frame lost 7', 'client: start 1'];

/** A world that fails in its step 40 where all that it needs for that comes about, and otherwise in others or not. */
function lived(steps: number, without: ReadonlySet<string> = new Set()): Simulation {
  const choices = new Choices(without);
  for (let i = 0; i < 20; i++) {
    for (const kind of ['crash', 'frame lost', 'slow', 'client: start', 'client: query']) choices.happens(kind);
  }
  const { made } = choices;
  const fails = steps >= 40 && NEEDED.every(name => made.includes(name));
  const other = !fails && made.length < 50 ? new Error('Something else.') : null;
  const error = fails ? new Violation('history', `Run ${made.length} of "e1" has a gap.`) : other;
  return {
    ...{ seed: 1, steps, most: 3, measured: false, turns: 0, crashes: 0, faults: new Map(), hash: '', made },
    failure: error && { error, step: Math.min(steps, 45), tail: '' },
  };
}

test('what is left of a failing world is what it needs to fail in the same way', async t => {
  const { world, without } = await shrink(lived(1_000), (steps, less) => Promise.resolve(lived(steps, less)));
  t.is(world.steps, 40);
  t.deepEqual([...world.made].sort(), [...NEEDED].sort());
  t.is(without.size, 100 - NEEDED.length);
  t.regex(world.failure!.error.message, /has a gap/);
});

test('it lives through so many worlds at most, and tells the smallest that it found', async t => {
  let worlds = 0;
  const { world, tries } = await shrink(
    lived(1_000),
    (steps, less) => {
      worlds++;
      return Promise.resolve(lived(steps, less));
    },
    12,
  );
  t.is(worlds, 12);
  t.is(tries, 12);
  t.regex(world.failure!.error.message, /has a gap/);
});

test('a thing that is left out is drawn all the same', t => {
  const choices = new Choices(new Set(['crash 2']));
  t.deepEqual(
    [1, 2, 3].map(() => choices.happens('crash')),
    [true, false, true],
  );
  t.deepEqual(choices.made, ['crash 1', 'crash 3']);
});
