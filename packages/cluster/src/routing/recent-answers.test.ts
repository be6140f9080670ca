import test from 'ava';
import { RecentAnswers } from './recent-answers.ts';

function scene() {
  const clock = { time: 0, elapsed: () => clock.time };
  return { clock, answers: new RecentAnswers<number>(clock, 10, 3) };
}

test('an answer is known for its time at least, and forgotten in the end', t => {
  const { clock, answers } = scene();
  answers.put('a', 1);
  clock.time = 10;
  answers.put('b', 2);
  t.is(answers.get('a'), 1);
  clock.time = 20;
  answers.put('c', 3);
  t.deepEqual(
    ['a', 'b', 'c'].map(key => answers.get(key)),
    [1, 2, 3],
  );
  clock.time = 31;
  answers.put('d', 4);
  t.deepEqual(
    ['a', 'b', 'c', 'd'].map(key => answers.get(key)),
    [undefined, undefined, 3, 4],
  );
});

test('of many that come at once the last are known, and at most twice as many', t => {
  const { answers } = scene();
  for (let i = 0; i < 100; i++) {
    answers.put(`${i}`, i);
    for (let j = Math.max(0, i - 2); j <= i; j++) t.is(answers.get(`${j}`), j);
    t.is(answers.get(`${i - 6}`), undefined);
  }
});
