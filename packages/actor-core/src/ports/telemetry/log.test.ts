import test from 'ava';
import { withFields, type LogFields } from './log.ts';

test('fixed fields stand in every line, whatever else it says', t => {
  const lines: unknown[] = [];
  const log = withFields(
    { write: (_level, message, fields?: LogFields) => lines.push([message, fields]) },
    { node: 'a' },
  );
  log.write('info', 'plain');
  log.write('warn', 'with fields', { node: 'b', n: 1 });
  t.deepEqual(lines, [
    ['plain', { node: 'a' }],
    ['with fields', { node: 'a', n: 1 }],
  ]);
});

test('a log that throws stops nobody', t => {
  const log = withFields(
    {
      write: () => {
        throw new Error('The disk is full.');
      },
    },
    {},
  );
  t.notThrows(() => log.write('error', 'lost'));
});
