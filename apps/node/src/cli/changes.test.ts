import test from 'ava';
import { DfnsError } from '@dfnsjs/actor-core';
import type { ChangeEvent, Events } from '@dfnsjs/client';
import { changes } from './changes.ts';

const change = (id: string) => ({ type: 'closed', id }) as ChangeEvent;

/** Events that a test gives, or that fail. */
function source(failure?: Error) {
  const given: ChangeEvent[] = [];
  let wake: (() => void) | undefined;
  const state = { listened: 0, returned: 0, isOver: false };
  const listen = (): Events => {
    state.listened++;
    const events = {
      [Symbol.asyncIterator]: () => events,
      listening: () => (failure ? Promise.reject(failure) : Promise.resolve()),
      async next() {
        if (failure) throw failure;
        while (given.length === 0 && !state.isOver) await new Promise<void>(resolve => (wake = resolve));
        const value = given.shift();
        return value ? { done: false as const, value } : { done: true as const, value: undefined };
      },
      async return() {
        state.returned++;
        return { done: true as const, value: undefined };
      },
    };
    return events;
  };
  return {
    state,
    listen,
    give: (...more: ChangeEvent[]) => (given.push(...more), wake?.()),
    end: () => ((state.isOver = true), wake?.()),
  };
}

const NEVER_MS = 1_000_000;

test('the first is for looking, once it listens; then changes come in their order', async t => {
  const { listen, give, state } = source();
  const seen: (string | undefined)[] = [];
  give(change('a'), change('b'));
  for await (const each of changes(listen, NEVER_MS, new AbortController().signal)) {
    seen.push(each && 'id' in each ? each.id : undefined);
    if (seen.length === 3) break;
  }
  t.deepEqual(seen, [undefined, 'a', 'b']);
  t.is(state.returned, 1);
});

test('it is time to look again and again, while nothing comes and while much does', async t => {
  const { listen, give } = source();
  let looks = 0;
  for await (const each of changes(listen, 1, new AbortController().signal)) {
    if (!each && ++looks === 3) break;
  }
  looks = 0;
  for await (const each of changes(listen, 1, new AbortController().signal)) {
    give(change('a'));
    await new Promise(resolve => setImmediate(resolve));
    if (!each && ++looks === 3) break;
  }
  t.is(looks, 3);
});

for (const [what, failure] of [
  ['refuses', new DfnsError('OVERLOADED', 'Too many.')],
  ['ends them', undefined],
] as const) {
  test(`where the node ${what}, looking goes on, and it is asked again`, async t => {
    const { listen, state, end } = source(failure);
    if (!failure) end();
    let looks = 0;
    for await (const each of changes(listen, 1, new AbortController().signal)) {
      t.is(each, undefined);
      if (++looks === 3) break;
    }
    t.is(state.listened, 3);
    t.is(state.returned, 3);
  });
}

test('an interruption is thrown, whatever it waits for', async t => {
  const interrupted = new AbortController();
  const { listen, state } = source();
  const all = changes(listen, NEVER_MS, interrupted.signal);
  await all.next();
  const next = all.next();
  interrupted.abort(new Error('enough'));
  await t.throwsAsync(next);
  t.is(state.returned, 1);
});
