import test from 'ava';
import { lineLog } from './line-log.ts';
import { jsonLine, textLine, type Line } from './lines.ts';

const line = (fields: Line['fields']): Line => ({
  time: new Date(0),
  level: 'warn',
  message: 'a commit failed',
  fields,
});

test('a line of JSON has what every line has, whatever its fields say', t => {
  t.deepEqual(JSON.parse(jsonLine(line({ store: 'sqlite', level: 'x', msg: 'y' }))), {
    time: '1970-01-01T00:00:00.000Z',
    level: 'warn',
    msg: 'a commit failed',
    store: 'sqlite',
  });
});

test('a line of text quotes only what needs it', t => {
  t.is(
    textLine(line({ store: 'sqlite', why: 'disk is full', n: 3, gone: undefined })),
    '00:00:00.000 warn  a commit failed  store=sqlite why="disk is full" n=3',
  );
});

test('a field that JSON cannot hold does not break the line', t => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const fields = { cycle, big: 1n, fn: () => 1, error: new Error('boom') };
  t.regex(jsonLine(line(fields)), /"big":"1"/);
  t.regex(jsonLine(line(fields)), /Error: boom/);
});

test('lines below the level are left out; a terminal gets text', t => {
  const written: string[] = [];
  const log = lineLog('warn', { isTTY: true, write: text => written.push(text) }, () => 0);
  log.write('info', 'unseen');
  log.write('error', 'seen');
  t.deepEqual(written, ['00:00:00.000 error seen\n']);
  lineLog('silent', { write: text => written.push(text) }, () => 0).write('error', 'unseen');
  t.is(written.length, 1);
});
