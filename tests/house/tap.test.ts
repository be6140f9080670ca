import test from 'ava';
import { conclude, count, EMPTY } from './tap.ts';

const tally = (text: string) => text.split('\n').reduce(count, EMPTY);

test('passed, failed and skipped tests are counted, details are not', t => {
  const text = [
    'TAP version 13',
    'ok 1 - a',
    'not ok 2 - b',
    '  ---',
    '    ok: true',
    '  ...',
    '# ok in a comment',
    'ok 3 - c # SKIP',
    'not ok 4 - d # TODO',
    'okay is no verdict',
    '1..3',
    '# pass 1',
  ].join('\n');
  t.deepEqual(tally(text), { passed: 1, failed: 1, skipped: 2, ended: true });
});

test('a whole run that passed has no problem', t => {
  t.deepEqual(conclude(tally('ok 1 - a\n1..1'), 0), {
    tally: { passed: 1, failed: 0, skipped: 0, ended: true },
  });
});

const problem = test.macro((t, text: string, end: number | NodeJS.Signals, says: RegExp, failed: number) => {
  const outcome = conclude(tally(text), end);
  t.regex(outcome.problem ?? '', says);
  t.is(outcome.tally.failed, failed);
});

test('failed tests are a problem', problem, 'not ok 1\nnot ok 2\n1..2', 1, /2 tests failed/, 2);
test('failed tests are a problem whatever the exit code', problem, 'not ok 1\n1..1', 0, /1 tests failed/, 1);
test('a run that dies half-way is a failure', problem, 'ok 1', 13, /died before its end, with 13/, 1);
test('a run killed by a signal is a failure', problem, 'ok 1\n1..1', 'SIGKILL', /ended with SIGKILL/, 1);
test('a run that exits with 1 though all passed is a failure', problem, 'ok 1\n1..1', 1, /ended with 1/, 1);
test('a run of no tests is a failure', problem, '1..0', 0, /ran no test/, 1);
