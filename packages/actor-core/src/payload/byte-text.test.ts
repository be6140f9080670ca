import test from 'ava';
import { SeededRandom } from '../seeded-random.ts';
import { nodeByteText } from './node-byte-text.ts';
import { BYTE_TEXT } from './runtime-byte-text.ts';
import { webByteText } from './web-byte-text.ts';

const TEXTS = [
  '',
  'a',
  'é',
  '€',
  '\u{1f98a}',
  '\ufeffmark',
  '\0',
  'ÿ\u0080\u07ff\u0800\uffff',
  'ab€\u{1f98a}'.repeat(5_000),
];
const LONE = ['\ud800', 'a\udc00b', `${'x'.repeat(10_000)}\ud83e`];

/** Strings of every width, some with halves of pairs. */
function* drawn(): Generator<string> {
  const random = new SeededRandom(7);
  for (let n = 0; n < 500; n++) {
    let text = '';
    const below = [0x80, 0x800, 0x10000, 0x110000][n % 4]!;
    for (let i = random.next() * 40; i > 0; i--) text += String.fromCodePoint(Math.floor(random.next() * below));
    yield text;
  }
}

const node = nodeByteText!;
const web = webByteText;

test('in Node it is Buffer', t => {
  t.is(BYTE_TEXT, node);
});

test('without Buffer texts are the same bytes', t => {
  for (const text of [...TEXTS, ...[...drawn()].filter(each => each.isWellFormed())]) {
    const size = node.utf8Length(text);
    t.is(web.utf8Length(text), size);
    const [one, other] = [node.allocate(size + 2).fill(7), web.allocate(size + 2).fill(7)];
    node.writeUtf8(one, text, 1, size);
    web.writeUtf8(other, text, 1, size);
    t.deepEqual(new Uint8Array(other), new Uint8Array(one));
    t.is(web.utf8(web.view(one), 1, size + 1), text);
    t.is(node.utf8(node.view(other), 1, size + 1), text);
  }
  for (const text of [...TEXTS, ...LONE, ...drawn()]) {
    const bytes = web.utf16Bytes(text);
    t.deepEqual(bytes, new Uint8Array(node.utf16Bytes(text)));
    t.is(web.utf16(web.view(bytes), 0, bytes.length), text);
  }
});

test('without Buffer damaged texts read the same', t => {
  const random = new SeededRandom(11);
  for (let n = 0; n < 500; n++) {
    const bytes = Uint8Array.from({ length: 24 }, () => Math.floor(random.next() * 256));
    t.is(web.utf8(web.view(bytes), 2, 22), node.utf8(node.view(bytes), 2, 22));
  }
});

test('without Buffer hex and base64 are the same, and nothing else is base64', t => {
  for (const bytes of [new Uint8Array(0), Uint8Array.from({ length: 20_001 }, (_, i) => (i * 7) & 255)]) {
    t.is(web.hex(bytes), node.hex(bytes));
    t.deepEqual(web.hexBytes(node.hex(bytes)), bytes);
    t.is(web.base64(bytes), node.base64(bytes));
    t.deepEqual(web.base64Bytes(node.base64(bytes)), bytes);
  }
  for (const text of ['A', 'AA', 'AA= =', 'AB==', 'A-==', 'AAAA\n', 'ä']) {
    t.is(web.base64Bytes(text), undefined, text);
    t.is(node.base64Bytes(text), undefined, text);
  }
});
