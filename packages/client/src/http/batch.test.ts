import test from 'ava';
import { encode } from '@dfnsjs/actor-core/values';
import type { StartRequest } from '../operations/executions.ts';
import { firstRequest, textLines, writeLine } from './batch.ts';
import { fetchOperations } from './fetch-operations.ts';

const start = { namespace: 'größe', workflow: 'w', onConflict: 'fail', reuse: 'always' } as const;
const items = [0, 1, 2, 3].map((n): StartRequest => ({ ...start, id: `id-${n}`, input: encode(n) }));

interface Sent {
  readonly id: string;
  readonly idempotencyKey: string;
}

type Reply = (sent: readonly Sent[]) => Response;

/** Operations over a fetch that answers in turn; timers ring at once. */
function scripted(...replies: readonly Reply[]) {
  const requests: (readonly Sent[])[] = [];
  const waits: number[] = [];
  let made = 0;
  const operations = fetchOperations({
    url: new URL('http://node:1/base/'),
    apiKey: 'KEY',
    attempts: 3,
    fetch: async (_, init) => {
      const lines = (init.body ?? '').split('\n').slice(0, -1);
      const sent = lines.map(line => JSON.parse(line) as Sent);
      requests.push(sent);
      return replies[Math.min(requests.length, replies.length) - 1]!(sent);
    },
    clock: {
      now: () => 0,
      setTimer: (at, ring) => {
        // The deadline of an attempt never comes here.
        if (at < 60_000) {
          waits.push(at);
          queueMicrotask(ring);
        }
        return { cancel: () => undefined };
      },
    },
    chance: { random: () => 0.5, uuid: () => `uuid-${++made}` },
  });
  return { operations, requests, waits, ids: () => requests.map(sent => sent.map(({ id }) => id).join(' ')) };
}

const ok = ({ id }: Sent, existing = false) => ({
  id,
  runId: 'r',
  workflow: 'w',
  version: 1,
  existing,
  status: 'running',
});
const refused = (code: string, details?: object) => ({ error: { code, message: 'No.', details } });
const answer = (verdicts: readonly object[]) =>
  new Response(verdicts.map((verdict, at) => `${JSON.stringify({ line: at + 1, ...verdict })}\n`).join(''));

test('what an answer that broke off left out is sent again, under the keys that it had', async t => {
  const { operations, requests, ids } = scripted(
    sent => answer(sent.slice(0, 2).map(each => ok(each))),
    () => {
      throw Object.assign(new TypeError('fetch failed'), { cause: new Error('ECONNRESET') });
    },
    sent => answer(sent.map(each => ok(each, true))),
  );
  const { verdicts } = await operations.startBatch({ items });
  t.deepEqual(ids(), ['id-0 id-1 id-2 id-3', 'id-2 id-3', 'id-2 id-3']);
  t.deepEqual(
    requests[2]?.map(({ idempotencyKey }) => idempotencyKey),
    requests[0]?.slice(2).map(({ idempotencyKey }) => idempotencyKey),
  );
  // It was this call that started them.
  t.deepEqual(
    verdicts.map(verdict => verdict.ok && [verdict.started.id, verdict.started.existing]),
    items.map(({ id }) => [id!, false]),
  );
});

test('a start that the node has no room for comes again when it says, and stays refused if it never has', async t => {
  const full = refused('OVERLOADED', { retryAfterMs: 1_234 });
  const { operations, ids, waits } = scripted(
    sent => answer([full, refused('VALIDATION'), ...sent.slice(2).map(each => ok(each))]),
    sent => answer(sent.map(each => ok(each))),
  );
  const { verdicts } = await operations.startBatch({ items });
  t.deepEqual(ids(), ['id-0 id-1 id-2 id-3', 'id-0']);
  t.deepEqual(waits, [1_234]);
  t.deepEqual(
    verdicts.map(verdict => verdict.ok || verdict.error.code),
    [true, 'VALIDATION', true, true],
  );
  const never = scripted(sent => answer(sent.map(each => (each.id === 'id-1' ? full : ok(each)))));
  const outcome = await never.operations.startBatch({ items });
  t.is(never.requests.length, 4);
  t.like(outcome.verdicts[1], { ok: false, error: { code: 'OVERLOADED' } });
});

test('where no answer comes, or none that is one, the whole is refused', async t => {
  const down = scripted(() => new Response('bad gateway', { status: 502 }));
  await t.throwsAsync(down.operations.startBatch({ items }), { code: 'UNAVAILABLE' });
  t.is(down.requests.length, 3);
  const stranger = scripted(() => new Response(JSON.stringify(refused('UNAUTHENTICATED')), { status: 401 }));
  await t.throwsAsync(stranger.operations.startBatch({ items }), { code: 'UNAUTHENTICATED' });
  t.is(stranger.requests.length, 1);
  t.deepEqual(await stranger.operations.startBatch({ items: [] }), { verdicts: [] });
});

test('a start keeps the key that it has, and is told that it was there', async t => {
  const { operations, requests } = scripted(sent => answer(sent.map(each => ok(each, true))));
  const { verdicts } = await operations.startBatch({ items: [{ ...items[0]!, idempotencyKey: 'k' }] });
  t.is(requests[0]?.[0]?.idempotencyKey, 'k');
  t.like(verdicts[0], { ok: true, started: { existing: true } });
});

test('a request takes lines up to some size, and one however large', t => {
  const small = items.map(writeLine);
  t.is(firstRequest(small), small);
  const large = writeLine({ ...items[0]!, input: encode('x'.repeat(1_000_000)) }, 0);
  t.is(firstRequest(Array.from({ length: 9 }, () => large)).length, 4);
  t.is(firstRequest([{ index: 0, text: 'x'.repeat(5_000_000) }, large]).length, 1);
});

test('however a text is cut, its lines are the same', async t => {
  const bytes = new TextEncoder().encode('é€\n\nb\nno line yet');
  for (let at = 0; at <= bytes.length; at++) {
    const read: string[] = [];
    const chunks = (async function* () {
      yield bytes.subarray(0, at);
      yield bytes.subarray(at);
    })();
    for await (const line of textLines(chunks)) read.push(line);
    t.deepEqual(read, ['é€', 'b']);
  }
});
