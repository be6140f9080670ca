import test from 'ava';
import type { Command } from '../command/command.ts';
import { History, sameCommand } from './match.ts';

const step = (name: string): Command => ({ kind: 'task', name, step: true, input: null, deadline: null, label: null });
const turn = (seq: number, ...commands: Command[]) => ({ seq, messages: [], commands, traceparent: null });
const bytes = new Uint8Array() as never;

const pairs: readonly (readonly [string, Command, Command, boolean])[] = [
  ['a step and a step of its name', step('a'), step('a'), true],
  ['a step and one of another name', step('a'), step('b'), false],
  ['a step and a task of its name', step('a'), { ...step('a'), step: false } as Command, false],
  ['tasks with other inputs', { ...step('a'), input: bytes } as Command, step('a'), true],
  ['sleeps of other times', { kind: 'timer', due: 1 }, { kind: 'timer', due: 2 }, true],
  ['a sleep and a condition', { kind: 'timer', due: 1 }, { kind: 'condition', due: 1 }, false],
  [
    'waits for the same',
    { kind: 'wait', names: ['a', 'b'], due: null },
    { kind: 'wait', names: ['a', 'b'], due: 1 },
    true,
  ],
  ['waits for more', { kind: 'wait', names: ['a'], due: null }, { kind: 'wait', names: ['a', 'b'], due: null }, false],
  [
    'sends to others',
    { kind: 'send', id: 'x', name: 'n', payload: bytes },
    { kind: 'send', id: 'y', name: 'n', payload: bytes },
    false,
  ],
  ['ends of other kinds', { kind: 'close', status: 'completed' }, { kind: 'close', status: 'failed' }, false],
  [
    'answers of other updates',
    { kind: 'answer', id: 'a' as never, ok: true, payload: bytes },
    { kind: 'answer', id: 'b' as never, ok: true, payload: bytes },
    false,
  ],
];
for (const [title, a, b, same] of pairs) {
  test(`${title} ${same ? 'match' : 'differ'}`, t => t.is(sameCommand(a, b), same));
}

test('commands are handed out as recorded, turn by turn', t => {
  const history = new History();
  const due = { kind: 'timer', due: 5 } as const;
  history.enter(turn(1, step('a'), due));
  t.is(history.match(1, step('a')).kind, 'task');
  t.is(history.match(2, { kind: 'timer', due: 9 }), due);
  history.leave(2);
  history.enter(turn(2, step('b')));
  history.match(3, step('b'));
  t.notThrows(() => history.leave(3));
});

test('a difference names turn, command, both sides, and what to do', t => {
  const history = new History();
  history.enter(turn(1, step('a')));
  history.match(1, step('a'));
  history.enter(turn(4, step('b')));
  const error = t.throws(() => history.match(2, { kind: 'timer', due: 1 }), {
    code: 'NON_DETERMINISM',
    message: /Turn 4, command 2: the history has step "b", the code asked for sleep/,
  });
  t.like((error as unknown as { details: object }).details, {
    turn: 4,
    command: 2,
    expected: 'step "b"',
    asked: 'sleep',
  });
});

test('a command too many, and one too few, are differences', t => {
  const history = new History();
  history.enter(turn(1, step('a'), step('b')));
  history.match(1, step('a'));
  t.throws(() => history.leave(1), { message: /the history has step "b", the code asked for nothing/ });
  history.match(2, step('b'));
  t.throws(() => history.match(3, step('c')), { message: /the history has nothing, the code asked for step "c"/ });
});
