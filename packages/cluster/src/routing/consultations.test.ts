import test from 'ava';
import { DfnsError } from '@dfnsjs/actor-core';
import type { Timer } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import type { Item } from '../transport/frame.ts';
import { Consultations } from './consultations.ts';
import { KIND } from './items.ts';

const [A, B, C] = ['a', 'b', 'c'] as Incarnation[] as [Incarnation, Incarnation, Incarnation];

/** `a` asks `b` and `c`, which answer with their name; whoever is in `deaf` hears nothing. */
function scene() {
  const deaf = new Set<Incarnation>();
  const asked: Incarnation[] = [];
  const timers = new Map<Timer, () => void>();
  const clock = {
    now: () => 0,
    setTimer(_: number, ring: () => void): Timer {
      const timer: Timer = { cancel: () => timers.delete(timer) };
      timers.set(timer, ring);
      return timer;
    },
  };
  const nodes = new Map<Incarnation, Consultations>();
  const join = (name: Incarnation, answer: (question: unknown) => Promise<unknown>) => {
    const send = (to: Incarnation, item: Item) => {
      if (item[0] === KIND.question) asked.push(to);
      if (deaf.has(to)) return;
      queueMicrotask(() => {
        const node = nodes.get(to);
        if (item[0] === KIND.question) node?.question(name, item);
        else node?.answered(name, item);
      });
    };
    const node = new Consultations({ clock, answer, post: { send, isConnected: true } });
    nodes.set(name, node);
    return node;
  };
  const a = join(A, () => Promise.reject(new Error('nobody asks')));
  for (const name of [B, C]) {
    join(name, async question => {
      if (question === 'bad') throw new DfnsError('VALIDATION', `${name} takes it not`);
      return [name, question];
    });
  }
  const ring = () => {
    for (const [timer, fn] of timers) {
      timers.delete(timer);
      fn();
    }
  };
  return { a, deaf, asked, ring, timers };
}

test('a question is answered by one of the nodes, with its value or its error', async t => {
  const { a, asked, timers } = scene();
  t.deepEqual(await a.ask([B], new Map([['x', 1n]])), ['b', new Map([['x', 1n]])]);
  await t.throwsAsync(a.ask([C], 'bad'), { code: 'VALIDATION', message: 'c takes it not' });
  t.deepEqual(asked, ['b', 'c']);
  t.is(timers.size, 0);
});

test('one that says nothing is passed over; where none answers, it may be tried again', async t => {
  const { a, deaf, ring } = scene();
  deaf.add(B);
  const answer = a.ask([B, C], 'q');
  ring();
  t.deepEqual(await answer, ['c', 'q']);
  deaf.add(C);
  const nobody = a.ask([C], 'q');
  ring();
  await t.throwsAsync(nobody, { code: 'UNAVAILABLE' });
  await t.throwsAsync(a.ask([], 'q'), { code: 'UNAVAILABLE' });
});

test('an answer of another node, or one that comes late, is of nothing', async t => {
  const { a, deaf } = scene();
  deaf.add(B);
  const answer = a.ask([B], 'q');
  a.answered(C, [KIND.answer, 1, 1, new Uint8Array()]);
  a.answered(B, [KIND.answer, 7, 1, new Uint8Array()]);
  a.stop();
  await t.throwsAsync(answer, { code: 'UNAVAILABLE' });
  t.notThrows(() => a.answered(B, [KIND.answer, 1, 1, new Uint8Array()]));
});
