import test from 'ava';
import { NonRetryableError } from '../definition/retry-control.ts';
import { TaskError } from '../errors/task-error.ts';
import type { Turn } from '../journal/turn.ts';
import type { Message } from '../message/message.ts';
import { decodeError, encodeError } from '../payload/error-payload.ts';
import { cutBeforeFailure } from './failure-cut.ts';
import { keptTurns, messagesAgain, turnsBefore } from './reset.ts';

const bytes = (n: number) => Uint8Array.of(n) as never;
const step = (name: string) => ({ kind: 'task', name, step: true, input: null, deadline: null, label: null }) as const;
const failed = (command: number, error: Error, retryAt: number | null = null): Message => ({
  kind: 'task-failed',
  at: 1,
  command,
  attempt: 1,
  error: encodeError(error),
  retryAt,
  counts: true,
  progress: null,
});
const done = (command: number, attempt = 1): Message => ({
  kind: 'task-done',
  at: 1,
  command,
  attempt,
  result: bytes(command),
});
const signal = (n: number): Message => ({
  kind: 'signal',
  at: 1,
  id: null,
  sender: 0,
  number: 0,
  name: 's',
  payload: bytes(n),
});
const turns = (...messages: Message[][]): Turn[] =>
  messages.map((each, i) => ({
    seq: i + 1,
    messages: each,
    commands: [step(`${i}a`), step(`${i}b`)],
    traceparent: null,
  }));

/** As it comes out of the run: the cause is what the journal has. */
function output(error: Error): ReturnType<typeof encodeError> {
  const cause = decodeError(encodeError(error));
  return encodeError(new Error('wrapped', { cause: new TaskError(cause.message, { task: 't', attempt: 1, cause }) }));
}

const start: Message = { kind: 'start', at: 0, attributes: null };
const bad = new NonRetryableError('bad');
const other = new NonRetryableError('other');

test('the failure of a task is found by the error that the run ended with, whatever came after', t => {
  const journal = turns(
    [start, failed(1, bad, 5)],
    [signal(1), failed(1, bad), done(2)],
    [failed(3, other)],
    [done(4)],
  );
  t.deepEqual(cutBeforeFailure(journal, 'failed', output(bad)), { turn: 1, message: 1 });
  t.deepEqual(cutBeforeFailure(journal, 'failed', output(other)), { turn: 2, message: 0 });
  t.deepEqual(cutBeforeFailure(journal, 'failed', output(new Error('own'))), { turn: 3, message: 0 });
});

test('ends that were asked for are cut before they were', t => {
  const journal = turns(
    [start],
    [{ kind: 'timeout', at: 1, of: 'run' }, done(1)],
    [{ kind: 'timeout', at: 2, of: 'cleanup' }],
  );
  t.deepEqual(cutBeforeFailure(journal, 'timed-out', null), { turn: 1, message: 0 });
  t.is(cutBeforeFailure(journal, 'completed', null), undefined);
  t.is(cutBeforeFailure(journal, 'cancelled', null), undefined);
  t.is(cutBeforeFailure(journal, 'terminated', null), undefined);
});

test('a turn that the cut goes through keeps its messages before it and what they asked for', t => {
  const journal = turns([start], [signal(1), signal(2), done(1)], [done(2)]);
  const cut = { turn: 1, message: 1 };
  const before = turnsBefore(journal, cut);
  t.true(before.isPartial);
  const kept = keptTurns(journal, cut, 3);
  t.deepEqual(
    kept.map(turn => [turn.messages.length, turn.commands.length]),
    [
      [1, 2],
      [1, 1],
    ],
  );
  t.is(keptTurns(journal, { turn: 1, message: 0 }, 2).length, 1);
  t.deepEqual(keptTurns(journal, { turn: 0, message: 0 }, 0), []);
});

test('after the cut come again what others sent, and what came of work before it, as of the attempt then', t => {
  const journal = turns(
    [start],
    [signal(1), { kind: 'cancel', at: 1, id: 'c' as never, reason: null }, failed(1, bad, 5), done(1, 2), done(3)],
    [
      { kind: 'sent', at: 1, command: 2, error: null },
      { kind: 'sent', at: 1, command: 4, error: null },
      { kind: 'timer', at: 1, command: 2 },
      { kind: 'amend', at: 1, id: 'a' as never, changes: [] },
    ],
  );
  const again = (keepsResults: boolean) =>
    messagesAgain(
      journal,
      { turn: 1, message: 0 },
      {
        issued: 2,
        keepsResults,
        attemptOf: command => (command === 1 ? 1 : undefined),
      },
    );
  t.deepEqual(
    again(true).map(message => [message.kind, 'command' in message ? message.command : 0]),
    [
      ['signal', 0],
      ['task-done', 1],
      ['sent', 2],
      ['amend', 0],
    ],
  );
  t.like(again(true)[1], { attempt: 1 });
  t.deepEqual(
    again(false).map(message => message.kind),
    ['signal', 'sent', 'amend'],
  );
});
