import { DfnsError } from '@dfnsjs/actor-core';
import { NotServedError } from '@dfnsjs/actor-core/engine';
import type { Timer } from '@dfnsjs/actor-core/ports';
import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import test from 'ava';
import type { Item } from '../transport/frame.ts';
import { Inbound } from './inbound.ts';
import { KIND } from './items.ts';
import type { Peer } from './peer.ts';
import type { Post } from './post.ts';
import { Requests, type Asked, type Call } from './requests.ts';

const [ASKER, REJOINED, OWNER] = ['asker', 'rejoined', 'owner'] as [Incarnation, Incarnation, Incarnation];
const SHARD = 1 as ShardId;

/** Two nodes, and a wire that a test holds up, or cuts. */
function scene(peer: Partial<Record<keyof Peer, (...args: never[]) => Promise<unknown>>>) {
  let time = 0;
  const timers = new Set<{ at: number; ring: () => void }>();
  const clock = {
    now: () => time,
    elapsed: () => time,
    setTimer(at: number, ring: () => void): Timer {
      const timer = { at, ring };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
  };
  const state = {
    lose: ((): boolean => false) as (item: Item) => boolean,
    stint: 1 as Epoch | undefined,
    sure: true,
    connected: true,
  };
  const sent: number[] = [];
  const post = (from: Incarnation) =>
    ({
      get isConnected() {
        return state.connected;
      },
      send(to: Incarnation, item: Item) {
        sent.push(item[0]);
        if (state.lose(item)) return;
        if (from !== OWNER) arrive(item, from);
        else (to === ASKER ? requests : rejoined).heard(OWNER, item);
      },
    }) as unknown as Post;
  const requests = new Requests(post(ASKER), clock, ASKER);
  const rejoined = new Requests(post(REJOINED), clock, REJOINED);
  const inbound = new Inbound({
    post: post(OWNER),
    peer: peer as unknown as Peer,
    clock,
    stint: () => state.stint,
    isSure: () => state.sure,
  });
  function arrive(item: Item, from = ASKER) {
    if (item[0] === KIND.request) inbound.request(from, item);
    else if (item[0] === KIND.probe) inbound.probe(from, item);
    else if (item[0] === KIND.cancel) inbound.cancel(from, item);
  }
  const advance = async (ms: number) => {
    const until = time + ms;
    for (;;) {
      for (let i = 0; i < 5; i++) await new Promise(resolve => setImmediate(resolve));
      const next = [...timers].sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > until) break;
      timers.delete(next);
      time = Math.max(time, next.at);
      next.ring();
    }
    time = until;
  };
  let elsewhere: () => void = () => undefined;
  let number = 0;
  let call: Call = { number, by: ASKER, last: null };
  const asked = (name: keyof Peer, args: readonly unknown[], abort?: AbortSignal): Asked => ({
    ...{ call, to: OWNER, shard: SHARD, epoch: 1 as Epoch, name, args, abort },
  });
  const hear = (heard: () => void) => {
    elsewhere = heard;
    return () => undefined;
  };
  const ask = (...what: Parameters<typeof asked>) => {
    call = { number: ++number, by: ASKER, last: null };
    return askSame(...what);
  };
  const askSame = (...what: Parameters<typeof asked>) => requests.ask(asked(...what), hear);
  /** Time goes by, and nobody does anything. */
  const pause = (ms: number) => void (time += ms);
  /** The last call once more, by the node that lost its lease and joined anew. */
  const askAgain = (...what: Parameters<typeof asked>) => {
    requests.stop();
    return rejoined.ask(asked(...what), hear);
  };
  return { ask, askSame, askAgain, advance, pause, state, sent, arrive, news: () => elsewhere() };
}

const QUERY = ['default', 'a', 'state', Uint8Array.of(1, 1, 0xc0)] as const;

test('a value and an error come back as they are', async t => {
  const { ask } = scene({
    query: async () => Uint8Array.of(9),
    signal: async () => {
      throw new DfnsError('CLOSED', 'It has ended.', { details: { id: 'a' } });
    },
  });
  t.deepEqual(await ask('query', QUERY), { kind: 'value', value: Uint8Array.of(9) });
  const refused = await ask('signal', QUERY);
  t.is(refused.kind, 'error');
  t.like(refused.kind === 'error' ? refused.error : {}, { code: 'CLOSED', message: 'It has ended.' });
});

test('a request that is lost is sent again, and done once where only its answer was lost', async t => {
  let done = 0;
  const { ask, advance, state } = scene({ signal: async () => void done++ });
  let lost = 1;
  state.lose = item => item[0] === KIND.request && lost-- > 0;
  const first = ask('signal', QUERY);
  await advance(600);
  t.deepEqual(await first, { kind: 'value', value: undefined });
  lost = 1;
  state.lose = item => item[0] === KIND.reply && lost-- > 0;
  const second = ask('signal', QUERY);
  await advance(600);
  t.deepEqual(await second, { kind: 'value', value: undefined });
  t.is(done, 2);
});

test('a call that takes long is waited for, as long as its node says that it works on it', async t => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const { ask, advance } = scene({ update: () => promise });
  const asked = ask('update', QUERY);
  await advance(3_600_000);
  resolve(Uint8Array.of(1));
  await advance(1);
  t.like(await asked, { kind: 'value' });
});

test('silence is told after some probes, and news of another owner end the wait at once', async t => {
  const { ask, advance, state, news } = scene({ query: () => new Promise(() => undefined) });
  state.lose = () => true;
  const silent = ask('query', QUERY);
  await advance(5_000);
  t.deepEqual(await silent, { kind: 'silent' });
  state.lose = () => false;
  const waiting = ask('query', QUERY);
  await advance(10_000);
  news();
  t.deepEqual(await waiting, { kind: 'silent' });
  state.connected = false;
  t.deepEqual(await ask('query', QUERY), { kind: 'silent' });
});

test('what must not be done twice is not sent twice', async t => {
  const { ask, advance, state, sent } = scene({ retry: async () => ({ runId: 'r' }) });
  state.lose = item => item[0] === KIND.request;
  const asked = ask('retry', QUERY);
  await advance(1_000);
  t.deepEqual(await asked, { kind: 'silent' });
  t.is(sent.filter(kind => kind === KIND.request).length, 1);
});

test('a call that its node may have answered and forgotten is not sent to it again, unless it may be done late', async t => {
  const { ask, askSame, advance, pause, state, sent } = scene({
    signal: async () => {
      throw new DfnsError('CLOSED', 'It has ended.');
    },
    query: async () => Uint8Array.of(9),
  });
  const requests = () => sent.filter(kind => kind === KIND.request).length;
  for (const [name, later] of [
    ['signal', { kind: 'forgotten' }],
    ['query', { kind: 'value', value: Uint8Array.of(9) }],
  ] as const) {
    state.lose = item => item[0] === KIND.reply;
    const silent = ask(name, QUERY);
    await advance(2_000);
    t.deepEqual(await silent, { kind: 'silent' });
    state.lose = () => false;
    const soon = askSame(name, QUERY);
    await advance(1);
    t.not((await soon).kind, 'forgotten');
    await advance(9_000);
    t.deepEqual(await askSame(name, QUERY), later);
  }
  // The node that asks stands still meanwhile.
  const before = requests();
  state.lose = item => item[0] === KIND.request;
  const held = ask('signal', QUERY);
  pause(9_000);
  await advance(1);
  t.deepEqual(await held, { kind: 'forgotten' });
  t.is(requests(), before + 1);
});

test('a node that does not serve the shard says so; without its lease it says nothing', async t => {
  const { ask, advance, state } = scene({
    query: async () => Uint8Array.of(1),
    signal: async () => {
      throw new NotServedError('not here');
    },
  });
  t.deepEqual(await ask('signal', QUERY), { kind: 'elsewhere' });
  state.stint = undefined;
  t.deepEqual(await ask('query', QUERY), { kind: 'elsewhere' });
  state.sure = false;
  const asked = ask('query', QUERY);
  await advance(5_000);
  t.deepEqual(await asked, { kind: 'silent' });
});

test('what was read under one stay of the shard is not answered under another; what is durable is', async t => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const { ask, state } = scene({
    query: async () => {
      await gates[0].promise;
      return Uint8Array.of(1);
    },
    signal: () => gates[1].promise,
  });
  const query = ask('query', QUERY);
  const signal = ask('signal', QUERY);
  state.stint = 7 as Epoch;
  for (const { resolve } of gates) resolve();
  t.deepEqual(await query, { kind: 'elsewhere' });
  t.deepEqual(await signal, { kind: 'value', value: undefined });
});

test('a copy of a call that was refused is refused too, though it would not be by now', async t => {
  let closed = true;
  let taken = 0;
  const { ask, state, arrive } = scene({
    signal: async () => {
      if (closed) throw new DfnsError('NOT_FOUND', 'There is none.');
      taken++;
    },
  });
  let copy: Item | undefined;
  state.lose = item => {
    if (item[0] === KIND.request) copy = item;
    return false;
  };
  t.is((await ask('signal', QUERY)).kind, 'error');
  closed = false;
  arrive(copy!);
  await new Promise(resolve => setImmediate(resolve));
  t.is(taken, 0);
});

test('a call that was refused when it was made again after its node joined anew is refused when the first one comes', async t => {
  let closed = true;
  let taken = 0;
  const { ask, askAgain, state, arrive } = scene({
    signal: async () => {
      if (closed) throw new DfnsError('CLOSED', 'It has ended.');
      taken++;
    },
  });
  let late: Item | undefined;
  state.lose = item => {
    if (item[0] !== KIND.request || late) return false;
    late = item;
    return true;
  };
  const first = ask('signal', QUERY);
  t.like(await askAgain('signal', QUERY), { kind: 'error', error: { code: 'CLOSED' } });
  t.deepEqual(await first, { kind: 'silent' });
  closed = false;
  arrive(late!);
  await new Promise(resolve => setImmediate(resolve));
  t.is(taken, 0);
  t.like(await ask('signal', QUERY), { kind: 'value' });
  t.is(taken, 1);
});

test('a call in hand is done once, and whoever its node has become hears the answer', async t => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  let done = 0;
  const { ask, askAgain, state } = scene({
    update: () => {
      done++;
      return promise;
    },
  });
  const first = ask('update', QUERY);
  const again = askAgain('update', QUERY);
  t.deepEqual(await first, { kind: 'silent' });
  state.lose = item => item[0] === KIND.probe;
  resolve(Uint8Array.of(1));
  t.deepEqual(await again, { kind: 'value', value: Uint8Array.of(1) });
  t.is(done, 1);
});

test('what was sent to an earlier stay of the shard is not carried out in a later one', async t => {
  let taken = 0;
  const { ask, state, arrive } = scene({ signal: async () => void taken++ });
  let late: Item | undefined;
  state.lose = item => {
    if (item[0] === KIND.request) late = item;
    return item[0] === KIND.request;
  };
  void ask('signal', QUERY);
  state.lose = () => false;
  // Meanwhile the shard was another's, who may have refused the call.
  state.stint = 3 as Epoch;
  arrive(late!);
  await new Promise(resolve => setImmediate(resolve));
  t.is(taken, 0);
  state.stint = 1 as Epoch;
  arrive(late!);
  await new Promise(resolve => setImmediate(resolve));
  t.is(taken, 1);
});

test('an abort rejects with its reason, and ends the wait at the other node', async t => {
  let aborted: unknown;
  const { ask, advance } = scene({
    result: (_: never, __: never, abort: AbortSignal) =>
      new Promise((_resolve, reject) => {
        abort.addEventListener('abort', () => {
          aborted = abort.reason;
          reject(abort.reason as Error);
        });
      }),
  });
  const abort = new AbortController();
  const asked = ask('result', ['default', 'a', abort.signal], abort.signal);
  await advance(1);
  abort.abort(new Error('enough'));
  await t.throwsAsync(asked, { message: 'enough' });
  await advance(1);
  t.true(aborted instanceof Error);
});
