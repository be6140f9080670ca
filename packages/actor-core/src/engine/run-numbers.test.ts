import test from 'ava';
import { eidOf } from '../ids/ids.ts';
import { RunNumbers } from './run-numbers.ts';

/** Draws that the test answers. */
function drawing() {
  const asked: ((ordinal: number | undefined) => void)[] = [];
  const draw = () => new Promise<number | undefined>(resolve => asked.push(resolve));
  const answer = async (ordinal: number | undefined) => {
    asked.shift()!(ordinal);
    await new Promise(resolve => setImmediate(resolve));
  };
  return { asked, draw, answer };
}

test('numbers ascend, and go on under another ordinal that is drawn before they run out', async t => {
  const { asked, draw, answer } = drawing();
  const numbers = new RunNumbers(3, draw, 32);
  const given = [];
  for (let i = 0; i < 28; i++) given.push(numbers.next('start'));
  t.is(asked.length, 0);
  given.push(numbers.next('start'));
  t.is(asked.length, 1);
  await answer(9);
  for (let i = 0; i < 4; i++) given.push(numbers.next('start'));
  t.deepEqual(given.slice(0, 2), [eidOf(3, 0), eidOf(3, 1)]);
  t.is(given.at(-1), eidOf(9, 2));
  t.is(new Set(given).size, given.length);
  t.true(numbers.isOwn(eidOf(3, 1)) && numbers.isOwn(eidOf(9, 0)));
  t.false(numbers.isOwn(eidOf(4, 0)));
});

test('while none is drawn starts are refused first, and then all, until one is', async t => {
  const { draw, answer } = drawing();
  const numbers = new RunNumbers(1, draw, 32);
  for (let i = 0; i < 30; i++) numbers.next('start');
  t.like(
    t.throws(() => numbers.next('start')),
    { code: 'UNAVAILABLE' },
  );
  t.is(numbers.next('chain'), eidOf(1, 30));
  t.is(numbers.next('chain'), eidOf(1, 31));
  t.like(
    t.throws(() => numbers.next('chain')),
    { code: 'UNAVAILABLE' },
  );
  await answer(undefined);
  t.throws(() => numbers.next('start'));
  await answer(2);
  t.is(numbers.next('start'), eidOf(2, 0));
});
