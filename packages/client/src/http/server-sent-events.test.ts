import test from 'ava';
import { sentEvents } from './server-sent-events.ts';

function streamOf(...chunks: readonly (string | Uint8Array)[]) {
  const encoder = new TextEncoder();
  let cancelled = false;
  const rest = [...chunks];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = rest.shift();
      if (next === undefined) controller.close();
      else controller.enqueue(typeof next === 'string' ? encoder.encode(next) : next);
    },
    cancel: () => void (cancelled = true),
  });
  return { body, isCancelled: () => cancelled };
}

async function read(...chunks: readonly (string | Uint8Array)[]) {
  return gather(streamOf(...chunks).body);
}

async function gather(body: ReadableStream<Uint8Array>) {
  const blocks = [];
  for await (const block of sentEvents(body)) blocks.push(block);
  return blocks;
}

const NONE = { id: undefined, data: undefined, retryMs: undefined };

test('blocks have their fields, whatever ends their lines', async t => {
  const expected = [{ ...NONE, id: '1', data: '{"a":1}' }, NONE, { ...NONE, id: '2' }, { ...NONE, retryMs: 1_500 }];
  const text = 'event: closed\nid: 1\ndata: {"a":1}\n\n:\n\nid:2\n\nretry: 1500\n\n';
  for (const end of ['\n', '\r\n', '\r']) t.deepEqual(await read(text.replaceAll('\n', end) + ':\n'), expected);
});

test('blocks come whole, wherever the stream is cut into pieces', async t => {
  const text = 'id: é🦊\r\ndata: a\r\ndata: b\r\n\r\nid: 2\r\n\r\nid: 3';
  const bytes = new TextEncoder().encode(text);
  const expected = [
    { ...NONE, id: 'é🦊', data: 'a\nb' },
    { ...NONE, id: '2' },
  ];
  for (let at = 1; at < bytes.length; at++) {
    t.deepEqual(await read(bytes.slice(0, at), bytes.slice(at)), expected, `cut at ${at}`);
  }
  t.deepEqual(await read(...Array.from(bytes, byte => Uint8Array.of(byte))), expected);
});

test('what is no field says nothing', async t => {
  t.deepEqual(await read('retry: soon\nid: a\0b\nnothing\n: data: x\n\n'), [NONE]);
});

test('a body that has no end of a block is no stream of events', async t => {
  const { body, isCancelled } = streamOf(...Array.from({ length: 40 }, () => 'x'.repeat(64 * 1024)));
  await t.throwsAsync(gather(body), { code: 'INTERNAL' });
  t.true(isCancelled());
});

test('whoever stops reading ends the request', async t => {
  const { body, isCancelled } = streamOf('id: 1\n\n', 'id: 2\n\n', 'id: 3\n\n');
  for await (const { id } of sentEvents(body)) {
    t.is(id, '1');
    break;
  }
  t.true(isCancelled());
});
