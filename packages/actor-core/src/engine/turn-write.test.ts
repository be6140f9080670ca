import test from 'ava';
import type { Eid, RunId, ShardId } from '../ids/ids.ts';
import type { RunRow } from '../execution/execution.ts';
import type { TimerPending } from '../state/pending.ts';
import { RunState } from '../state/state.ts';
import { urgentWakeAt, wakeAtOf } from './turn-write.ts';

const row: RunRow = {
  eid: 1 as Eid,
  first: 1 as Eid,
  namespace: 'default',
  id: 'a',
  runId: 'r' as RunId,
  workflow: 'w',
  version: 1,
  build: 'b',
  shard: 0 as ShardId,
  status: 'running',
  startedAt: 0,
  closedAt: null,
  wakeAt: 0,
  seed: 1,
  lineage: null,
  parent: null,
  held: null,
  attributes: null,
  details: null,
  headers: null,
  deadline: null,
  runDeadline: null,
  input: null,
  output: null,
  carry: null,
  startedBy: null,
  waiting: null,
  turns: 0,
  bytes: 0,
  lastError: null,
};

const settler = { resolve: () => undefined, reject: () => undefined };

interface Standing {
  readonly begun?: boolean;
  readonly inHand?: number;
  readonly timers?: readonly number[];
  readonly deadline?: number;
  readonly cleanup?: number;
  readonly ended?: boolean;
}

function stateOf({ begun = true, inHand = 0, timers = [], deadline, cleanup, ended }: Standing) {
  const state = new RunState({ ...row, deadline: deadline ?? null });
  state.begun = begun;
  state.inHand = inHand;
  const pending = timers.map((due, i): TimerPending => {
    const timer: TimerPending = { kind: 'timer', n: i + 1, scope: state.root, settler, alarm: null, due };
    state.add(timer);
    return timer;
  });
  if (cleanup !== undefined) {
    state.timedOut = 'execution';
    state.cleanupDeadline = cleanup;
  }
  if (ended) state.ending = { status: 'completed', output: new Uint8Array() as never };
  return { state, pending };
}

const standings: readonly (readonly [string, Standing, number | null])[] = [
  ['before its first turn', { begun: false, timers: [5] }, 0],
  ['with a body in hand', { inHand: 1, timers: [5] }, 0],
  ['with timers, the earliest', { timers: [9, 5, 7] }, 5],
  ['with a deadline before its timers', { timers: [9], deadline: 3 }, 3],
  ['cleaning up after a timeout', { timers: [9], deadline: 3, cleanup: 4 }, 4],
  ['waiting on messages only', {}, null],
  ['ended, whatever is left', { inHand: 1, timers: [5], ended: true }, null],
];
for (const [title, standing, wakeAt] of standings) {
  test(`wakeAt ${title}: ${wakeAt}`, t => t.is(wakeAtOf(stateOf(standing).state), wakeAt));
}

const changes: readonly (readonly [string, number | null, Standing, number | undefined])[] = [
  ['0 stays, whatever the turn brings', 0, { inHand: 1, timers: [5] }, undefined],
  ['0 stays when nothing is in hand any more: a later write says so', 0, {}, undefined],
  ['something in hand is urgent', 7, { inHand: 1 }, 0],
  ['something in hand is urgent where only messages counted', null, { inHand: 1 }, 0],
  ['an earlier timer is urgent', 7, { timers: [5] }, 5],
  ['the first timer is urgent', null, { timers: [5] }, 5],
  ['a later timer is found when the earlier is looked at', 4, { timers: [5] }, undefined],
  ['the end of cleaning up is urgent', 7, { cleanup: 6 }, 6],
];
for (const [title, stored, standing, expected] of changes) {
  test(`with a turn: ${title}`, t => {
    const { state, pending } = stateOf(standing);
    const effects = pending.map(timer => ({ kind: 'arm', pending: timer, due: timer.due }) as const);
    t.is(urgentWakeAt(stored, state, effects), expected);
  });
}

test('a timer that the same turn called off is not urgent', t => {
  const { state, pending } = stateOf({ timers: [5] });
  state.remove(pending[0]!);
  t.is(urgentWakeAt(null, state, [{ kind: 'arm', pending: pending[0]!, due: 5 }]), undefined);
});
