import test from 'ava';
import { decode, encode } from '@dfnsjs/actor-core/values';
import { fetchOperations } from './fetch-operations.ts';

interface Call {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;
}

type Reply = Response | Error;

/** Operations over a fetch that answers in turn; timers ring at once. */
function scripted(...replies: readonly (Reply | (() => Reply))[]) {
  const calls: Call[] = [];
  const waits: number[] = [];
  let made = 0;
  const operations = fetchOperations({
    url: new URL('http://node:1/base/'),
    apiKey: 'KEY',
    attempts: 5,
    fetch: (url, init) => {
      const { method, headers, body } = init;
      calls.push({ url, method, headers: new Headers(headers), body });
      const next = replies[Math.min(calls.length, replies.length) - 1]!;
      const reply = typeof next === 'function' ? next() : next;
      return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply.clone());
    },
    clock: {
      now: () => 0,
      setTimer: (at, ring) => {
        waits.push(at);
        // The deadline of an attempt never comes here.
        if (at < 60_000) queueMicrotask(ring);
        return { cancel: () => undefined };
      },
    },
    chance: { random: () => 0.5, uuid: () => `uuid-${++made}` },
  });
  return { operations, calls, waits };
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const failure = (code: string, status: number, details?: object) =>
  json({ error: { code, message: 'No.', details } }, status);
const down = () => Object.assign(new TypeError('fetch failed'), { cause: new Error('ECONNREFUSED') });
const signal = { namespace: 'größe', id: 'a/b', name: 'go', payload: encode(1n), messageId: 'm1' };
const started = { id: 'a', runId: 'r', workflow: 'w', version: 1, existing: true, status: 'running' };
const start = {
  namespace: 'default',
  workflow: 'w',
  input: encode(1),
  onConflict: 'fail',
  reuse: 'always',
} as const;

test('a request carries its key, namespace and value, to the path below the URL', async t => {
  const { operations, calls } = scripted(json({ messageId: 'x' }, 202));
  await operations.signal(signal);
  const [{ url, method, headers, body }] = calls as [Call];
  t.is(url, 'http://node:1/base/v1/executions/a%2Fb/signals/go?types=tagged');
  t.is(method, 'POST');
  t.is(headers.get('authorization'), 'Bearer KEY');
  t.is(headers.get('x-dfns-namespace'), encodeURIComponent('größe'));
  t.is(headers.get('idempotency-key'), 'm1');
  t.deepEqual(JSON.parse(body ?? ''), { $dfns: 'bigint', value: '1' });
});

test('attempts go on while the way or the node fails, under one key', async t => {
  const { operations, calls } = scripted(
    down(),
    failure('UNAVAILABLE', 503),
    new Response('bad gateway', { status: 502 }),
    json({}, 202),
  );
  await operations.signal(signal);
  t.deepEqual(
    calls.map(({ headers }) => headers.get('idempotency-key')),
    ['m1', 'm1', 'm1', 'm1'],
  );
});

test('a start without a key gets one for all its attempts, and is not told of itself', async t => {
  const { operations, calls } = scripted(down(), json(started, 201));
  t.false((await operations.start(start)).existing);
  t.deepEqual(
    calls.map(({ headers }) => headers.get('idempotency-key')),
    ['uuid-1', 'uuid-1'],
  );
  const keyed = scripted(json(started, 201));
  t.true((await keyed.operations.start({ ...start, idempotencyKey: 'k' })).existing);
  t.is(keyed.calls[0]?.headers.get('idempotency-key'), 'k');
});

test('a page that was not looked for to its end says so', async t => {
  const { operations } = scripted(json({ items: [], cursor: '7', hasMore: true, partial: true }));
  const page = await operations.list({ namespace: 'default', order: 'newest', limit: 5, q: 'version>1' });
  t.deepEqual(page, { items: [], cursor: '7', partial: true });
});

test('after the last attempt its failure is the caller’s', async t => {
  const { operations, calls } = scripted(down());
  const error = await t.throwsAsync(operations.signal(signal), { code: 'UNAVAILABLE' });
  t.regex(error.message, /http:\/\/node:1 cannot be reached \(ECONNREFUSED\)/);
  t.is(calls.length, 5);
});

test('between attempts it waits as long as the node asks', async t => {
  const { operations, waits } = scripted(failure('OVERLOADED', 503, { retryAfterMs: 1_234 }), json({}, 202));
  await operations.signal(signal);
  t.true(waits.includes(1_234));
});

test('a refusal is not repeated, and keeps code, message and details', async t => {
  const { operations, calls } = scripted(failure('ALREADY_RUNNING', 409, { id: 'a' }));
  await t.throwsAsync(operations.start(start), { code: 'ALREADY_RUNNING', message: 'No.' });
  t.is(calls.length, 1);
});

test('what is no node is told by what it answered', async t => {
  const { operations, calls } = scripted(new Response('<html>', { status: 200 }));
  const error = await t.throwsAsync(operations.signal(signal), { code: 'INTERNAL' });
  t.regex(error.message, /answered 200, and not as dfns does/);
  t.is(calls.length, 1);
});

test('a wait is asked again until there is an outcome, an update under its key', async t => {
  const running = json({ status: 'running' }, 202);
  const result = scripted(running, running, json({ status: 'completed', result: 5 }));
  const { output } = await result.operations.result({ namespace: 'default', id: 'a' });
  t.is(decode(output), 5);
  t.is(result.calls.length, 3);
  t.regex(result.calls[0]?.url ?? '', /wait=55000ms/);
  const update = scripted(json({ updateId: 'x' }, 202), json({ result: 6 }));
  t.is(decode(await update.operations.update({ ...signal, name: 'u' })), 6);
  t.deepEqual(
    update.calls.map(({ headers }) => headers.get('idempotency-key')),
    ['m1', 'm1'],
  );
});

test('an abort ends the attempts with its reason', async t => {
  const gone = new AbortController();
  const { operations, calls } = scripted(() => {
    gone.abort(new Error('enough'));
    return down();
  });
  await t.throwsAsync(operations.signal(signal, { abortSignal: gone.signal }), { message: 'enough' });
  t.is(calls.length, 1);
});
