import test from 'ava';
import { linesOf, type Line } from './lines.ts';

async function lines(chunks: readonly string[], limit = 1_000): Promise<[number, string | undefined][]> {
  async function* bytes() {
    for (const chunk of chunks) yield new TextEncoder().encode(chunk);
  }
  const read: [number, string | undefined][] = [];
  for await (const { number, bytes: line } of linesOf(bytes(), limit)) {
    read.push([number, line && new TextDecoder().decode(line)]);
  }
  return read;
}

test('however the chunks fall, the lines are the same; blank ones count and are not given', async t => {
  const text = '{"a":1}\r\n\n  \n"é€"\nlast';
  const all = [
    [1, '{"a":1}\r'],
    [4, '"é€"'],
    [5, 'last'],
  ];
  for (let at = 0; at <= text.length; at++) t.deepEqual(await lines([text.slice(0, at), text.slice(at)]), all as never);
  t.deepEqual(await lines(text.split('')), all as never);
  t.deepEqual(await lines([]), []);
  t.deepEqual(await lines(['\n\n']), []);
});

test('a line beyond the limit is skipped, whatever its length, and the next is read', async t => {
  const long = 'x'.repeat(9);
  t.deepEqual(await lines(['12345678\n', long, '\nb\n', ...Array.from({ length: 1_000 }, () => long), '\nc'], 8), [
    [1, '12345678'],
    [2, undefined],
    [3, 'b'],
    [4, undefined],
    [5, 'c'],
  ]);
});

test('a line is given before the next one comes', async t => {
  let asked = 0;
  async function* bytes() {
    for (;;) {
      asked++;
      yield new TextEncoder().encode('a\n');
    }
  }
  const read: Line[] = [];
  for await (const line of linesOf(bytes(), 10)) if (read.push(line) === 3) break;
  t.is(asked, 3);
});
