import test from 'ava';
import type { Message } from '../message/message.ts';
import type { Turn } from '../journal/turn.ts';
import { blameOf } from './blame.ts';

const HOUR = 3_600_000;
const turns = (...messages: Message[]): Turn[] => [{ seq: 1, messages, commands: [], traceparent: null }];
const crash = (...named: number[]): Message => ({ kind: 'crash', at: 0, commands: [], named });

test('a run of which nothing is known is not blamed, whatever its journal has', t => {
  t.deepEqual(blameOf(turns(crash(1, 2)), [], 3), { news: [], count: 0 });
});

test('a death that the journal has is no news, and counts once', t => {
  t.deepEqual(blameOf(turns(crash(1), crash(2)), [1, 2, 3], 4), { news: [3], count: 3 });
});

test('a retry clears the count, and what was journaled before it stays no news', t => {
  t.deepEqual(blameOf(turns(crash(1, 2), { kind: 'retry', at: 2 }), [1, 2, 3], 4), { news: [3], count: 1 });
});

test('a death of more than a day ago does not count', t => {
  const now = 30 * HOUR;
  t.is(blameOf(turns(crash(HOUR)), [HOUR, 8 * HOUR, 29 * HOUR], now).count, 2);
});
