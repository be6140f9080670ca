import test from 'ava';
import { terminalLog } from './terminal.ts';

const logged = (
  level: Parameters<typeof terminalLog>[0],
  ...entry: Parameters<ReturnType<typeof terminalLog>['write']>
) => {
  const written: string[] = [];
  terminalLog(level, { isTTY: true, write: text => written.push(text) }, () => 0).write(...entry);
  return written;
};

test('a line of text quotes only what needs it', t => {
  t.deepEqual(
    logged('info', 'warn', 'a commit failed', { store: 'sqlite', why: 'disk is full', n: 3, gone: undefined }),
    ['00:00:00.000 warn  a commit failed  store=sqlite why="disk is full" n=3\n'],
  );
});

test('lines below the level are left out', t => {
  t.deepEqual(logged('warn', 'info', 'unseen'), []);
  t.deepEqual(logged('warn', 'error', 'seen'), ['00:00:00.000 error seen\n']);
  t.deepEqual(logged('silent', 'error', 'unseen'), []);
});

test('what user code logs cannot give a terminal commands, or begin a line of its own', t => {
  const [line] = logged('info', 'info', 'a\nb\u001b[2J', { 'x\n': 'y\u001b]0;z\u0007' });
  t.regex(line ?? '', /^00:00:00.000 info  a\\u000ab\\u001b\[2J  x\\u000a=y\\u001b\]0;z\\u0007\n$/);
});
