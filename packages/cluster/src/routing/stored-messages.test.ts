import test from 'ava';
import { OutcomeUnknownError, StoreRefusedError, type Acceptance, type InboxRow } from '@dfnsjs/actor-core/ports';
import {
  decodeMessage,
  encode,
  type Eid,
  type Incarnation,
  type RunRow,
  type ShardId,
} from '@dfnsjs/actor-core/records';
import { Persistence } from '../shards/persistence.ts';
import { StoredMessages } from './stored-messages.ts';

type Answer = Acceptance | Error;

interface Scene {
  readonly takenAt?: number;
  /** How the execution is once the message is gone. */
  readonly status?: RunRow['status'];
  /** Of a run after that one. */
  readonly next?: RunRow['status'];
}

/** A store that answers as it is told to, and an execution that takes what is there at `takenAt`; time passes at once. */
function scene(answers: readonly Answer[], { takenAt = 1_000, status = 'running', next }: Scene = {}) {
  let time = 0;
  const clock = {
    now: () => 5_000.7 + time,
    elapsed: () => time,
    setTimer: (at: number, fire: () => void) => {
      const timer = setImmediate(() => {
        time = Math.max(time, at - 5_000.7);
        fire();
      });
      return { cancel: () => clearImmediate(timer) };
    },
  };
  const put: InboxRow[] = [];
  const rung: number[] = [];
  const left = [...answers];
  const run = { first: 77, eid: 77, status, carry: null } as unknown as RunRow;
  const persistence = new Persistence(clock, { write: () => undefined });
  const messages = new StoredMessages({
    ...{ clock, persistence, self: 'self' as Incarnation, ordinal: 3 },
    ring: shard => void rung.push(shard),
    store: {
      current: async () => ({ ...run, status: 'running' }),
      chain: async () => (next ? [run, { ...run, eid: 78 as Eid, status: next }] : [run]),
      load: async () => [{ run, journal: [], snapshots: [], inbox: [] }],
      accept: async (_, row) => {
        put.push(row);
        const answer = left.length > 1 ? left.shift()! : left[0]!;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      untaken: async keys => (time < takenAt ? keys : []),
    },
  });
  const signal = (id = 'm') =>
    messages.call(4 as ShardId, 'signal', ['default', 'e', 'go', encode(1, 'payload'), id]) as Promise<void>;
  return { messages, signal, put, rung, persistence, now: () => time };
}

const unknown = new OutcomeUnknownError('unknown');
const refused = new StoreRefusedError('refused');

test('a message is accepted when it is taken, under a key that no other node gives', async t => {
  const { signal, put, now } = scene([7_000]);
  await Promise.all([signal('one'), signal('two')]);
  t.true(now() >= 1_000);
  const sender = -3;
  const key = { shard: 4, receiver: 77, accepted: 5_000, sender } as const;
  t.like(put, [
    { ...key, number: 1 },
    { ...key, number: 2 },
  ]);
  t.like(decodeMessage(put[1]!.message), { kind: 'signal', id: 'two', name: 'go', sender: 0 });
});

test('what the store refuses or leaves unknown is sent again as it was', async t => {
  const { signal, put } = scene([refused, unknown, 7_000]);
  await signal();
  t.is(put.length, 3);
  t.deepEqual(put[2], put[0]);
});

for (const [title, answers, message] of [
  ['a held execution takes none', ['held'], /Try again; nothing is lost/],
  ['one that may be there already is not told as none', [unknown, 'held'], /may have done what was asked/],
  ['a node whose lease is over puts none', ['ended'], /Try again; nothing is lost/],
  ['a store that refuses for long took none', [refused], /The store did not answer/],
  ['a store that answers nothing for long may have taken it', [unknown, refused], /may have done what was asked/],
] as const) {
  test(title, async t => {
    const { signal } = scene(answers);
    await t.throwsAsync(signal(), { code: 'UNAVAILABLE', message });
  });
}

test('one that nobody takes for long may be taken later', async t => {
  const { signal, now } = scene([7_000], { takenAt: Infinity });
  await t.throwsAsync(signal(), { code: 'UNAVAILABLE', message: /may have done what was asked/ });
  t.true(now() >= 10_000);
});

test('one whose execution ended without it is CLOSED', async t => {
  await t.throwsAsync(scene([7_000], { status: 'completed' }).signal(), { code: 'CLOSED' });
  await t.throwsAsync(scene(['closed'], { status: 'completed' }).signal(), { code: 'CLOSED' });
});

test('a node that stops leaves nobody waiting', async t => {
  const { signal, persistence } = scene([7_000], { takenAt: Infinity });
  const answer = signal();
  setTimeout(() => persistence.stop(), 5);
  await t.throwsAsync(answer, { code: 'UNAVAILABLE', message: /may have done what was asked/ });
});

test('what needs the owner is none of its', t => {
  const { messages } = scene([7_000]);
  t.is(messages.call(4 as ShardId, 'update', []), undefined);
  t.is(messages.call(4 as ShardId, 'terminate', []), undefined);
});

test('a row that is gone was taken where the execution went on, also as new', async t => {
  await t.notThrowsAsync(scene([7_000], { status: 'continued-as-new', next: 'running' }).signal());
});

test('one whose execution ended and was retried meanwhile may have gone with its end', async t => {
  await t.throwsAsync(scene([7_000], { status: 'failed', next: 'running' }).signal(), {
    code: 'UNAVAILABLE',
    message: /may have done what was asked/,
  });
  // Never put, or perhaps.
  await t.throwsAsync(scene(['closed'], { status: 'failed', next: 'running' }).signal(), { code: 'CLOSED' });
  await t.throwsAsync(scene([unknown, 'closed'], { status: 'failed', next: 'running' }).signal(), {
    code: 'UNAVAILABLE',
    message: /may have done what was asked/,
  });
});

test('whoever owns the shard is told of it, and told again when it can be reached', async t => {
  const { signal, messages, rung } = scene([7_000]);
  const sent = signal();
  while (rung.length === 0) await new Promise(resolve => setImmediate(resolve));
  messages.ringAll();
  await sent;
  messages.ringAll();
  t.deepEqual(rung, [4, 4]);
});
