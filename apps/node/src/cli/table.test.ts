import test from 'ava';
import { cut, displayWidth, table, type Column } from './table.ts';
import { printable } from './terminal.ts';

interface Row {
  readonly id: string;
  readonly why: string;
  readonly n?: string;
}
const columns: readonly Column<Row>[] = [
  { title: 'ID', cell: ({ id }) => id, shrinks: true },
  { title: 'N', cell: ({ n = '' }) => n },
  { title: 'WHY', cell: ({ why }) => why, shrinks: true },
];
const plain = (_: unknown, text: string) => text;
const draw = (rows: readonly Row[], width: number) => table(rows, columns, { width, paint: plain });

test('columns stand below each other, empty ones are left out', t => {
  t.is(
    draw(
      [
        { id: 'a', why: 'x' },
        { id: 'order-17', why: 'y' },
      ],
      80,
    ),
    'ID        WHY\na         x\norder-17  y',
  );
});

test('a table fits its width, the widest column cut first', t => {
  const text = draw([{ id: 'order-17', n: '3', why: 'w'.repeat(100) }], 40);
  for (const line of text.split('\n')) t.true(displayWidth(line) <= 40, line);
  t.regex(text, /order-17 {2}3 {2}w+…$/);
});

test('a pipe gets whole cells', t => {
  t.true(draw([{ id: 'a', why: 'w'.repeat(500) }], Infinity).includes('w'.repeat(500)));
});

test('wide characters take two columns and are cut whole', t => {
  t.is(displayWidth('日本'), 4);
  t.is(displayWidth('👩‍👩‍👧'), 2);
  t.is(displayWidth('é'), 1);
  t.is(cut('日本語', 5), '日本…');
});

test('control characters of others do not reach the terminal', t => {
  t.is(printable('a\u001b[31mred\u0007\n'), 'ared\\u0007\\u000a');
  t.is(printable('a\nb', true), 'a\nb');
});
