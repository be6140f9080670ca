import test from 'ava';
import { Sifting } from './sifting.ts';

/** Sifts a batch at a store that refuses every part with a culprit in it. */
function sift(size: number, culprits: readonly number[]) {
  const sifting = new Sifting(Array.from({ length: size }, (_, i) => i));
  const landed: number[] = [];
  let sent = 0;
  for (let part = sifting.next(); part; part = sifting.next()) {
    sent++;
    if (part.some(each => culprits.includes(each))) sifting.refused(part);
    else {
      landed.push(...part);
      sifting.landed();
    }
  }
  return { landed, sent, outcome: sifting.outcome() };
}

for (const culprits of [[0], [127], [64], [0, 127], [5, 6], [0, 1, 2]]) {
  test(`of 128 the store refuses ${culprits.join(' and ')}: those stand alone, the others land in order`, t => {
    const { landed, sent, outcome } = sift(128, culprits);
    t.deepEqual(outcome, { alone: culprits });
    t.deepEqual(
      landed,
      Array.from({ length: 128 }, (_, i) => i).filter(i => !culprits.includes(i)),
    );
    t.true(sent <= 16 * culprits.length, `${sent}`);
  });
}

test('two, and one of them is refused', t => {
  t.deepEqual(sift(2, [1]).outcome, { alone: [1] });
  t.deepEqual(sift(2, [0]).outcome, { alone: [0] });
});

test('where nothing lands it is the store: few parts are sent, and all go together again', t => {
  for (const size of [2, 3, 128]) {
    const all = Array.from({ length: size }, (_, i) => i);
    const { sent, outcome } = sift(size, all);
    t.deepEqual(outcome, { again: all });
    t.true(sent <= 11);
  }
});
