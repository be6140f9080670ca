import test from 'ava';
import { FairQueue } from './fair-queue.ts';

const queueOf = (...items: string[]) => {
  const queue = new FairQueue<string>(item => item[0]!);
  for (const item of items) queue.push(item);
  return queue;
};
const atMost = (n: number) => () => n-- > 0;

test('with one key it is in order', t => {
  const queue = queueOf('a1', 'a2', 'a3');
  t.deepEqual(queue.take(atMost(2)), ['a1', 'a2']);
  queue.push('a4');
  t.deepEqual(queue.take(atMost(9)), ['a3', 'a4']);
  t.is(queue.size, 0);
});

test('keys take turns, each in its order, and the turn goes on where it was', t => {
  const queue = queueOf('a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1');
  t.deepEqual(queue.take(atMost(2)), ['a1', 'b1']);
  t.deepEqual(queue.take(atMost(2)), ['c1', 'a2']);
  queue.push('c2');
  t.is(queue.size, 4);
  t.deepEqual(queue.take(atMost(9)), ['b2', 'a3', 'c2', 'a4']);
  t.is(queue.size, 0);
});

test('one that comes late waits for one of each other key, however many those have', t => {
  const queue = queueOf(...Array.from({ length: 1_000 }, (_, i) => `a${i}`), 'b');
  t.deepEqual(queue.take(atMost(2)), ['a0', 'b']);
  t.deepEqual(queue.take(atMost(2)), ['a1', 'a2']);
  queue.push('a-last');
  queue.push('c');
  t.true(queue.take(atMost(2)).includes('c'));
  t.is(queue.take(atMost(2_000)).at(-1), 'a-last');
});

test('what is not accepted keeps back its own key alone, and is first the next time', t => {
  const queue = queueOf('a1', 'b1', 'b2', 'a2');
  t.deepEqual(
    queue.take(item => item !== 'a1'),
    ['b1', 'b2'],
  );
  t.deepEqual(
    queue.take(() => true),
    ['a1', 'a2'],
  );
});
