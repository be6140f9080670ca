import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { Persistence } from '../shards/persistence.ts';
import type { Peer } from './peer.ts';
import type { Asked, Outcome, Requests } from './requests.ts';
import { Router, type Network } from './router.ts';
import { Routes } from './routes.ts';

/** One node that owns nothing; `answer` is what the owner of the one shard answers, some time later. */
function scene(answer: (asked: Asked, pass: (ms: number) => void) => Outcome, awaySince = Infinity) {
  let time = 0;
  const clock = {
    now: () => time,
    elapsed: () => time,
    setTimer(at: number, ring: () => void) {
      const timer = setImmediate(() => {
        time = Math.max(time, at);
        ring();
      });
      return { cancel: () => clearImmediate(timer) };
    },
  };
  const routes = new Routes();
  routes.learn(0 as ShardId, 'owner' as Incarnation, 1 as Epoch);
  const asked: Asked[] = [];
  const requests = {
    ask: async (each: Asked) => {
      asked.push(each);
      return answer(each, ms => void (time += ms));
    },
  } as unknown as Requests;
  const network: Network = {
    ...{ self: 'self' as Incarnation, local: {} as Peer, requests, routes },
    refresh: async () => undefined,
    awayMs: () => Math.max(0, time - awaySince),
    stored: null,
    stint: () => undefined,
  };
  const persistence = new Persistence(clock, { write: () => undefined });
  const router = new Router({ clock, shards: 1, persistence, alone: false });
  router.use(network);
  const joinAnew = (self: string) => router.use({ ...network, self: self as Incarnation });
  return { peer: router.to('default', 'a'), asked, now: () => time, joinAnew };
}

const UPDATE = ['default', 'a', 'go', new Uint8Array() as never, 'm' as never] as const;

test('an update that was worked on for long is asked for again where its node is gone', async t => {
  const minutes = 60_000;
  const { peer, asked } = scene(({ call }, pass) => {
    t.like(call, { number: 1, by: 'self' as Incarnation });
    if (asked.length === 1) pass(30 * minutes);
    return asked.length < 4 ? { kind: 'silent' } : { kind: 'value', value: 'done' };
  });
  t.deepEqual(await peer.update(...UPDATE), 'done' as never);
  t.is(asked.length, 4);
});

test('a call that the owner may have answered and forgotten is answered at once: its outcome is unknown', async t => {
  const { peer, asked } = scene(() => ({ kind: 'forgotten' }));
  await t.throwsAsync(peer.update(...UPDATE), { code: 'UNAVAILABLE', message: /may have done what was asked/ });
  t.is(asked.length, 1);
});

test('an owner is looked for a while, and no longer', async t => {
  const { peer, now } = scene((_, pass) => {
    pass(1_000);
    return { kind: 'silent' };
  });
  await t.throwsAsync(peer.update(...UPDATE), { code: 'UNAVAILABLE', message: /No node serves/ });
  t.true(now() > 10_000 && now() < 15_000, String(now()));
});

test('what a node that says nothing may have done is not said to be undone', async t => {
  const { peer } = scene(({ call, to }, pass) => {
    call.last = { to, at: 0 };
    pass(1_000);
    return { kind: 'silent' };
  });
  await t.throwsAsync(peer.update(...UPDATE), { code: 'UNAVAILABLE', message: /may have done what was asked/ });
  await t.throwsAsync(peer.query(...UPDATE), { code: 'UNAVAILABLE', message: /No node serves/ });
});

test('a node that reaches no other is patient for a moment, and then says so at once: another may', async t => {
  const { peer, now } = scene(() => ({ kind: 'silent' }), 0);
  await t.throwsAsync(peer.update(...UPDATE), { code: 'UNAVAILABLE', message: /reaches no other/ });
  const after = now();
  t.true(after > 3_000 && after < 5_000, String(after));
  await t.throwsAsync(peer.update(...UPDATE), { code: 'UNAVAILABLE' });
  t.is(now(), after);
});

test('a start that may have been carried out says so when it is made again; what must not be done twice is not', async t => {
  const replies: Outcome[] = [{ kind: 'elsewhere' }, { kind: 'silent' }, { kind: 'value', value: {} }];
  const { peer, asked } = scene(() => replies.shift()!);
  await peer.start({ id: 'a' } as never);
  t.deepEqual(
    asked.map(({ args }) => (args[0] as { readonly repeated?: boolean }).repeated),
    [undefined, true, true],
  );
  const other = scene(() => ({ kind: 'silent' }));
  await t.throwsAsync(other.peer.retry('default', 'a'), { message: /may have done what was asked/ });
  t.is(other.asked.length, 1);
});

test('a call is known by one name over all its tries, though its node loses its lease and joins anew', async t => {
  const { peer, asked, joinAnew } = scene(() => {
    if (asked.length === 2) joinAnew('another');
    return asked.length < 4 ? { kind: 'silent' } : { kind: 'value', value: 'done' };
  });
  await peer.update(...UPDATE);
  await peer.update(...UPDATE);
  t.deepEqual(
    asked.map(({ call: { number, by } }) => `${by} ${number}`),
    ['self 1', 'self 1', 'self 1', 'self 1', 'another 2'],
  );
});
