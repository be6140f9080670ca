import test from 'ava';
import { BOUNDS } from '../bounds.ts';
import type { MessageId } from '../ids/ids.ts';
import { keyedMessageId } from '../ids/message-key.ts';
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
