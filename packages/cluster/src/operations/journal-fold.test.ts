import test from 'ava';
import type { Command, Message, RunRow, Turn } from '@dfnsjs/actor-core/records';
import { foldJournal } from './journal-fold.ts';

const run = { startedAt: 100, lineage: null } as RunRow;
const bytes = (n: number) => Uint8Array.of(n) as never;

function turns(...each: readonly (readonly [readonly Message[], readonly Command[]])[]): Turn[] {
  return each.map(([messages, commands], i) => ({ seq: i + 1, messages, commands, traceparent: null }));
}

const step = (name: string): Command => ({
  kind: 'task',
  step: true,
  name,
  input: null,
  deadline: null,
  label: null,
});
const start: Message = { kind: 'start', at: 100, attributes: new Map([['tier', 'gold']]) };
const signal = (at: number, name: string): Message => ({
  kind: 'signal',
  at,
  id: null,
  sender: 0,
  number: 0,
  name,
  payload: bytes(0),
});
const failed = (at: number, attempt: number, retryAt: number | null): Message => ({
  kind: 'task-failed',
  at,
  command: 1,
  attempt,
  error: bytes(attempt),
  retryAt,
  counts: true,
  progress: null,
});

test('a task is a span with its attempts, from when it was asked for until it came out', t => {
  const folded = foldJournal(
    run,
    turns(
      [[start], [step('a'), step('b')]],
      [[failed(110, 1, 150), { kind: 'task-done', at: 120, command: 2, attempt: 1, result: bytes(1) }], []],
      [[failed(160, 2, null)], []],
    ),
  );
  t.deepEqual(folded.spans, [
    {
      kind: 'task',
      command: 1,
      name: 'a',
      status: 'failed',
      startedAt: 100,
      endedAt: 160,
      attempts: [
        { attempt: 1, startedAt: 100, endedAt: 110, error: bytes(1), retryAt: 150 },
        { attempt: 2, startedAt: 150, endedAt: 160, error: bytes(2) },
      ],
    },
    {
      kind: 'task',
      command: 2,
      name: 'b',
      status: 'completed',
      startedAt: 100,
      endedAt: 120,
      attempts: [{ attempt: 1, startedAt: 100, endedAt: 120 }],
    },
  ]);
});

test('a task whose failure held its execution has another attempt from the retry on', t => {
  const retry: Message = { kind: 'retry', at: 130, again: [1] };
  const { spans } = foldJournal(run, turns([[start], [step('a')]], [[retry], []]));
  t.deepEqual(spans[0]?.attempts, [
    { attempt: 1, startedAt: 100, endedAt: 130 },
    { attempt: 2, startedAt: 130 },
  ]);
});

test('a signal ends the first open wait for it, a timer the wait that it is of, and the end all that is open', t => {
  const wait = (names: string[], due: number | null = null): Command => ({ kind: 'wait', names, due });
  const folded = foldJournal(
    run,
    turns(
      [[start], [wait(['a', 'b'], 300), wait(['b']), wait(['c'], 200), { kind: 'timer', due: 900 }]],
      [[signal(110, 'b')], []],
      [[{ kind: 'timer', at: 200, command: 3 }], []],
      [[signal(210, 'x')], [{ kind: 'close', status: 'failed' }]],
    ),
  );
  t.is(folded.status, 'failed');
  t.deepEqual(
    folded.spans.map(({ kind, name, status, endedAt }) => [kind, name, status, endedAt]),
    [
      ['wait', 'a, b', 'completed', 110],
      ['wait', 'b', 'cancelled', 210],
      ['wait', 'c', 'timed-out', 200],
      ['timer', undefined, 'cancelled', 210],
      ['signal', 'b', 'completed', 110],
      ['signal', 'x', 'completed', 210],
    ],
  );
});

test('attributes and details are as of the last turn, from code and from outside', t => {
  const folded = foldJournal(
    run,
    turns(
      [
        [start],
        [
          { kind: 'attributes', changes: [['n', 1]] },
          { kind: 'details', text: 'one' },
        ],
      ],
      [
        [
          {
            kind: 'amend',
            at: 130,
            id: 'm' as never,
            changes: [
              ['tier', null],
              ['n', 2],
            ],
          },
        ],
        [],
      ],
    ),
  );
  t.deepEqual([...folded.attributes], [['n', 2]]);
  t.deepEqual([folded.details, folded.at, folded.status], ['one', 130, 'running']);
});

test('an update is open until it is answered; an operator ends a task, or begins its next attempt', t => {
  const update: Message = { kind: 'update', at: 110, id: 'u' as never, name: 'set', payload: bytes(0) };
  const override = (at: number, action: 'retry-now' | 'complete'): Message => ({
    kind: 'task-override',
    at,
    id: 'o' as never,
    command: 1,
    action,
    payload: null,
  });
  const all = turns(
    [[start], [step('a')]],
    [[update, failed(115, 1, 900)], []],
    [[override(120, 'retry-now')], [{ kind: 'answer', id: 'u' as never, ok: false, payload: bytes(0) }]],
    [[override(130, 'complete')], []],
  );
  const open = (upTo: number) =>
    foldJournal(run, all.slice(0, upTo))
      .spans.filter(({ endedAt }) => endedAt === undefined)
      .map(({ kind }) => kind);
  t.deepEqual([open(1), open(2), open(3), open(4)], [['task'], ['task', 'update'], ['task'], []]);
  const { spans } = foldJournal(run, all);
  t.is(spans[0]?.attempts?.[1]?.startedAt, 120);
  t.like(spans[1], { updateId: 'u', status: 'failed', endedAt: 120 });
});
