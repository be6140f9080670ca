import test from 'ava';
import { DfnsError } from '@dfnsjs/actor-core';
import { resumed } from './event-stream.ts';

/** A node that answers each opening with what a test says; timers ring at once, but for those of silence. */
function scene(...answers: readonly (readonly string[] | Error)[]) {
  const opened: (string | undefined)[] = [];
  const pauses: number[] = [];
  const silences: { ring: () => void }[] = [];
  const encoder = new TextEncoder();
  const rest = [...answers];
  const items = (lastEventId?: string, abort?: AbortSignal) =>
    resumed(
      {
        clock: {
          now: () => 0,
          setTimer(at, ring) {
            const timer = { ring };
            if (at === 40_000) silences.push(timer);
            else {
              pauses.push(at);
              queueMicrotask(ring);
            }
            return { cancel: () => void (silences.includes(timer) && silences.splice(silences.indexOf(timer), 1)) };
          },
        },
        chance: { random: () => 0.5 },
        open: (cursor, request) => {
          opened.push(cursor);
          const answer = rest.shift() ?? new DfnsError('UNAVAILABLE', 'no node');
          if (answer instanceof Error) return Promise.reject(answer);
          const chunks = [...answer];
          return Promise.resolve(
            new ReadableStream<Uint8Array>({
              start: controller =>
                request.addEventListener('abort', () => {
                  try {
                    controller.error(new Error('aborted'));
                  } catch {
                    // It has ended before.
                  }
                }),
              pull(controller) {
                const next = chunks.shift();
                if (next === 'cut') controller.error(new TypeError('terminated'));
                else if (next === 'silence') return new Promise(() => undefined);
                else if (next === undefined) controller.close();
                else controller.enqueue(encoder.encode(next));
                return undefined;
              },
            }),
          );
        },
        read: data => (data === 'reset' ? { type: 'reset' } : ({ type: 'closed', id: data } as never)),
      },
      lastEventId,
      abort,
    );
  return { items, opened, pauses, silences };
}

/** What comes until nobody answers any more. */
async function all(items: AsyncIterable<{ cursor: string; event?: unknown }>) {
  const seen: string[] = [];
  try {
    for await (const { cursor, event } of items) seen.push(event ? `${cursor} ${JSON.stringify(event)}` : cursor);
  } catch (error) {
    seen.push((error as { code: string }).code);
  }
  return seen;
}

const event = (id: string, data: string) => `event: x\nid: ${id}\ndata: ${data}\n\n`;

test('each cut is resumed after the last event that came whole', async t => {
  const { items, opened } = scene(
    ['id: 1\n\n', event('2', 'a'), 'id: 3\ndata: half', 'cut'],
    [event('3', 'b'), 'id: 9\n\n'],
    [event('10', 'reset')],
  );
  t.deepEqual(await all(items()), [
    '1',
    '2 {"type":"closed","id":"a"}',
    '3 {"type":"closed","id":"b"}',
    '9',
    '10 {"type":"reset"}',
    'UNAVAILABLE',
  ]);
  t.deepEqual(opened, [undefined, '2', '9', '10']);
});

test('a cursor that is given is asked for first', async t => {
  const { items, opened } = scene();
  t.deepEqual(await all(items('7')), ['UNAVAILABLE']);
  t.deepEqual(opened, ['7']);
});

test('it is asked again after a while: longer where nothing comes, soon where events did, and as the server asks', async t => {
  const { items, pauses } = scene(
    ['id: 1\n\n'],
    ['id: 1\n\n'],
    ['id: 1\n\n'],
    [event('2', 'a')],
    ['id: 3\n\n', 'retry: 4500\n\n'],
    ['id: 3\n\n', 'retry: 999999999\n\n'],
  );
  await all(items());
  t.deepEqual(pauses, [100, 200, 400, 100, 4_500, 60_000]);
});

test('a stream that is silent for too long is cut, though nothing says that it ended', async t => {
  const { items, opened, silences } = scene(['id: 1\n\n', 'silence'], [event('2', 'a')]);
  const seen = all(items());
  while (opened.length < 1 || silences.length === 0) await new Promise(resolve => setImmediate(resolve));
  silences[0]!.ring();
  t.deepEqual(await seen, ['1', '2 {"type":"closed","id":"a"}', 'UNAVAILABLE']);
  t.is(silences.length, 0);
});

test('what is refused is thrown, and not asked again', async t => {
  const { items, opened } = scene(['id: 1\n\n'], new DfnsError('FORBIDDEN', 'no'));
  t.deepEqual(await all(items()), ['1', 'FORBIDDEN']);
  t.is(opened.length, 2);
});

test('an abort ends it at once, while it reads and before', async t => {
  const abort = new AbortController();
  const { items, silences } = scene(['id: 1\n\n', 'silence']);
  const iterator = items(undefined, abort.signal);
  t.is((await iterator.next()).value?.cursor, '1');
  const next = iterator.next();
  abort.abort(new Error('enough'));
  await t.throwsAsync(next, { message: 'enough' });
  t.is(silences.length, 0);
  await t.throwsAsync(items(undefined, abort.signal).next(), { message: 'enough' });
});
