import test from 'ava';
import { pinoLog } from './pino.ts';

const logged = (level: Parameters<typeof pinoLog>[0], ...entry: Parameters<ReturnType<typeof pinoLog>['write']>) => {
  const written: string[] = [];
  pinoLog(level, { write: text => written.push(text) }, () => 0).write(...entry);
  return written;
};
const parsed = (fields: Record<string, unknown>) =>
  JSON.parse(logged('info', 'warn', 'a commit failed', fields)[0] ?? '') as unknown;

test('a line of JSON has what every line has, whatever its fields say', t => {
  t.deepEqual(parsed({ store: 'sqlite', time: 1, level: 'x', msg: 'y' }), {
    time: '1970-01-01T00:00:00.000Z',
    level: 'warn',
    msg: 'a commit failed',
    store: 'sqlite',
  });
});

test('an entry is one line, each with its end', t => {
  t.regex(logged('info', 'info', 'two\nlines')[0] ?? '', /^\{[^\n]*\}\n$/);
});

test('lines below the level are left out', t => {
  t.is(logged('warn', 'info', 'unseen').length, 0);
  t.is(logged('warn', 'warn', 'seen').length, 1);
  t.is(logged('debug', 'debug', 'seen').length, 1);
  t.is(logged('silent', 'error', 'unseen').length, 0);
});
