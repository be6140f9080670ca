import test from 'ava';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import { pack } from 'msgpackr';
import { decodeFrame, encodeFrame, type Field, FRAME_BOUNDS, FRAME_VERSION, type FrameRefusal } from './frame.ts';
import { type FrameKey, frameKey, SIGNATURE_BYTES } from './frame-key.ts';

const a = 'a' as Incarnation;
const b = 'b' as Incarnation;
const key = frameKey('orders', 'a secret', FRAME_VERSION);
const frame = {
  from: a,
  to: b,
  items: [
    [1, 'text', 'ü'.repeat(300), null, true, false],
    [2, -1, 2 ** 31, 2 ** 53 - 1, 0.5, new Uint8Array([1, 2, 3])],
    [3, ['nested', [new Uint8Array(70_000)]]],
  ] as const,
};

function refusal(bytes: Uint8Array, self = b, underKey: FrameKey | null = key): FrameRefusal | undefined {
  const decoded = decodeFrame(bytes, self, underKey ?? undefined);
  return decoded.kind === 'refused' ? decoded.reason : undefined;
}

/** The bytes of an unsigned frame with this body. */
function unsigned(body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([FRAME_VERSION]), Buffer.alloc(SIGNATURE_BYTES), body]);
}

const plain = (value: unknown): unknown =>
  value instanceof Uint8Array ? [...value] : Array.isArray(value) ? value.map(plain) : value;

for (const underKey of [undefined, key]) {
  test(`what was encoded is decoded, ${underKey ? 'signed' : 'unsigned'}`, t => {
    const decoded = decodeFrame(encodeFrame(frame, underKey), b, underKey);
    t.deepEqual(plain(decoded.kind === 'frame' && decoded.frame.items), plain(frame.items));
    t.like(decoded, { kind: 'frame', frame: { from: a, to: b } });
    const all = decodeFrame(encodeFrame({ ...frame, to: null, items: [] }, underKey), b, underKey);
    t.deepEqual(all, { kind: 'frame', frame: { from: a, to: null, items: [] } });
  });
}

test('another version, another secret and another addressee are told apart', t => {
  const bytes = encodeFrame(frame, key);
  const newer = Uint8Array.from(bytes);
  newer[0] = FRAME_VERSION + 1;
  t.is(refusal(newer), 'version');
  t.is(refusal(bytes, b, frameKey('orders', 'another', FRAME_VERSION)), 'signature');
  t.is(refusal(bytes, b, frameKey('bills', 'a secret', FRAME_VERSION)), 'signature', 'the same secret elsewhere');
  t.is(refusal(bytes, b, frameKey('orders', 'a secret', FRAME_VERSION + 1)), 'signature');
  t.is(refusal(bytes, b, null), 'signature', 'signed, to one without a secret');
  t.is(refusal(encodeFrame(frame, undefined)), 'signature', 'unsigned, to one with a secret');
  t.is(refusal(bytes, a), 'addressee');
  t.is(refusal(new Uint8Array(0)), 'damaged');
});

test('a signed frame of which any byte was changed is refused', t => {
  const small = encodeFrame({ from: a, to: b, items: [[1, 'x']] }, key);
  for (let at = 0; at < small.length; at++) {
    const changed = Uint8Array.from(small);
    changed[at]! ^= 1;
    t.not(refusal(changed), undefined, `byte ${at}`);
  }
});

test('a frame cut off anywhere is refused', t => {
  const whole = encodeFrame(frame, undefined);
  const cuts = [...Array.from({ length: 700 }, (_, at) => at), whole.length - 1];
  for (const at of cuts) t.is(refusal(whole.subarray(0, at), b, null), 'damaged', `${at} bytes`);
  t.is(refusal(Buffer.concat([whole, Buffer.from([0xc0])]), b, null), 'damaged', 'and with more behind it');
});

const nested = (levels: number): Field => (levels === 0 ? 1 : [nested(levels - 1)]);

const hostile: Record<string, Uint8Array> = {
  'an array said to have four thousand million values': Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]),
  'arrays in arrays that each ask for as much': Buffer.alloc(50_000, Buffer.from([0xdd, 0x01, 0xff, 0xff, 0xff])),
  'ten thousand levels': Buffer.alloc(10_000, 0x91),
  'a string that ends later': Buffer.from([0x93, 0xa1, 0x61, 0xc0, 0xdb, 0xff, 0xff, 0xff, 0xff, 0x61]),
  'a map': pack(['a', 'b', [1, { __proto__: null, x: 1 }]]),
  'a date': pack(['a', 'b', [1, new Date()]]),
  'a pattern': Buffer.concat([Buffer.from([0x93, 0xa1, 0x61, 0xa1, 0x62, 0x92, 1, 0xc7, 5, 0x78]), pack(['a+', ''])]),
  'a record of msgpackr': Buffer.from([0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01]),
  'a 64-bit number that is no item': Buffer.from([0x93, 0xa1, 0x61, 0xa1, 0x62, 0xcf, 1, 2, 3, 4, 5, 6, 7, 8]),
  'no array': pack('text'),
  'no sender': pack([null, 'b']),
  'a sender without end': pack(['a'.repeat(FRAME_BOUNDS.incarnationBytes + 1), 'b']),
  'a sender that is more than a word of a subject': pack(['a.b', 'b']),
  'a sender that ends a line': pack(['a\r\nPUB all 1\r\n', 'b']),
  'an item that is none': pack(['a', 'b', 'item']),
  'an item without a kind': pack(['a', 'b', [1], []]),
  'an item of a kind that is no number': pack(['a', 'b', ['1']]),
  'too many items': pack(['a', 'b', ...Array.from({ length: FRAME_BOUNDS.items + 1 }, () => [1])]),
  'too many values': pack(['a', 'b', [1, new Array(FRAME_BOUNDS.values).fill(0)]]),
  'a field nested too deep': pack(['a', 'b', [1, nested(FRAME_BOUNDS.depth + 1)]]),
};

for (const [name, body] of Object.entries(hostile)) {
  test(`${name} is refused`, t => {
    t.is(refusal(unsigned(body), b, null), 'damaged');
  });
}

test('as deep and as many as the bounds say is taken, one item more is not encoded', t => {
  const items = Array.from({ length: FRAME_BOUNDS.items }, () => [1] as const);
  t.is(refusal(encodeFrame({ from: a, to: b, items }, key)), undefined);
  t.is(refusal(encodeFrame({ from: a, to: b, items: [[1, nested(FRAME_BOUNDS.depth)]] }, key)), undefined);
  t.throws(() => encodeFrame({ from: a, to: b, items: [...items, [1]] }, key), { code: 'LIMIT_EXCEEDED' });
});

test('whatever bytes come, decoding answers', t => {
  // A generator of its own, so that each run sees the same.
  let state = 12_345;
  const next = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) >>> 8;
  const kinds = new Set<string>();
  const whole = encodeFrame(
    {
      from: a,
      to: b,
      items: [
        [1, 'x', [1, 2]],
        [2, null],
      ],
    },
    undefined,
  );
  for (let round = 0; round < 20_000; round++) {
    const bytes = Uint8Array.from(whole);
    for (let change = 0; change < 1 + (round % 3); change++) {
      bytes[1 + SIGNATURE_BYTES + (next() % (whole.length - 1 - SIGNATURE_BYTES))] = next() & 0xff;
    }
    kinds.add(decodeFrame(bytes, b, undefined).kind);
  }
  t.deepEqual([...kinds].toSorted(), ['frame', 'refused']);
});
