import test from 'ava';
import { BOUNDS } from '../bounds.ts';
import type { MessageId } from '../ids/ids.ts';
import { keyedMessageId } from '../ids/message-key.ts';
import { SeededRandom } from '../seeded-random.ts';
import { DedupeWindow } from './dedupe.ts';

const id = (n: number) => `m${n}` as MessageId;

test('an id is known for a day, to the millisecond, and the last few whatever the clock says', t => {
  const window = new DedupeWindow();
  window.add(id(1), 0);
  window.add(id(2), BOUNDS.dedupeMs);
  const later = BOUNDS.dedupeMs + 1;
  for (let n = 3; n <= BOUNDS.dedupeIdsKept; n++) window.add(id(n), later);
  t.truthy(window.get(id(1)));
  window.add(id(BOUNDS.dedupeIdsKept + 1), later);
  t.is(window.get(id(1)), undefined);
  t.truthy(window.get(id(2)));
});

test('of more than 10,000 the oldest go', t => {
  const window = new DedupeWindow();
  for (let n = 0; n <= BOUNDS.dedupeIds; n++) window.add(id(n), 0);
  t.is(window.get(id(0)), undefined);
  t.truthy(window.get(id(1)));
  t.is([...window.entries()].length, BOUNDS.dedupeIds);
});

test('an outcome is kept with its id, and forgotten with it', t => {
  const window = new DedupeWindow();
  const outcome = { ok: true, payload: Uint8Array.of(1) as never };
  window.add(id(1), 0);
  window.answered(id(1), outcome);
  window.answered(id(2), outcome);
  t.deepEqual(window.get(id(1)), { id: id(1), at: 0, outcome });
  t.is(window.get(id(2)), undefined);
});

test('ids of one key are one message, and tell which body was taken', t => {
  const window = new DedupeWindow();
  window.add(keyedMessageId('k', 'body'), 0);
  t.is(window.get(keyedMessageId('k', 'other'))?.id, keyedMessageId('k', 'body'));
  t.is(window.get(keyedMessageId('l', 'body')), undefined);
});

test('whatever comes, it is what a plain list would keep', t => {
  const random = new SeededRandom(7);
  const window = new DedupeWindow();
  let list: { readonly id: MessageId; readonly at: number }[] = [];
  let at = 0;
  for (let i = 0; i < 25_000; i++) {
    // Now and then much time goes by, or a clock is set back, or an id comes again.
    at += random.next() < 0.0005 ? BOUNDS.dedupeMs : random.next() < 0.001 ? -1_000 : 1_000;
    const added = random.next() < 0.1 && list.length > 0 ? list[Math.floor(random.next() * list.length)]!.id : id(i);
    window.add(added, at);
    const place = added === id(i) ? -1 : list.findIndex(known => known.id === added);
    if (place < 0) list.push({ id: added, at });
    else list[place] = { id: added, at };
    while (list.length > BOUNDS.dedupeIdsKept) {
      if (list.length <= BOUNDS.dedupeIds && list[0]!.at >= at - BOUNDS.dedupeMs) break;
      list.shift();
    }
    if (i % 1_000 === 0) {
      t.deepEqual(
        [...window.entries()].map(known => [known.id, known.at]),
        list.map(known => [known.id, known.at]),
      );
    }
  }
});
