import test from 'ava';
import type { Idling } from '../actor/idle-order.ts';
import { FakeClock } from '../ports/fake-clock.ts';
import { Resting } from './resting.ts';
import { Timers } from './timers.ts';

interface Idle extends Idling<Idle> {
  readonly name: string;
  lastActive: number;
  stale: boolean;
  committing: boolean;
  queued: boolean;
  mailbox: { size: number };
  state: { inHand: number };
}

const idle = (name: string): Idle => ({
  name,
  older: null,
  newer: null,
  order: null,
  lastActive: 0,
  stale: false,
  committing: false,
  queued: false,
  mailbox: { size: 0 },
  state: { inHand: 0 },
});

function scene({ passivateAfterMs = undefined as number | undefined, residents = 100 } = {}) {
  const clock = new FakeClock(0);
  const trace: string[] = [];
  const note = (what: string) => (actor: Idle) => {
    trace.push(`${clock.now()} ${what} ${actor.name}`);
    actor.stale = false;
  };
  const resting = new Resting<Idle>(new Timers(clock), {
    now: () => clock.now(),
    settle: note('settle'),
    passivate: note('passivate'),
    passivateAfterMs,
    residents,
  });
  return { clock, trace, resting };
}

test('a row is brought up to date once, after 10 s of rest', async t => {
  const { clock, trace, resting } = scene();
  const a = idle('a');
  resting.active(a);
  await clock.advance(9_000);
  resting.active(a);
  await clock.advance(9_999);
  t.deepEqual(trace, []);
  await clock.advance(100_000);
  t.deepEqual(trace, ['19000 settle a']);
});

test('a row that is up to date is not written', async t => {
  const { clock, trace, resting } = scene();
  const a = idle('a');
  resting.active(a);
  a.stale = false;
  await clock.advance(20_000);
  t.deepEqual(trace, []);
});

for (const [after, expected] of [
  [5_000, ['5000 passivate a', '6000 passivate b']],
  [10_000, ['10000 passivate a', '11000 passivate b']],
  [30_000, ['10000 settle a', '11000 settle b', '30000 passivate a', '31000 passivate b']],
] as const) {
  test(`with passivateAfter ${after} each leaves in the order of its last activity`, async t => {
    const { clock, trace, resting } = scene({ passivateAfterMs: after });
    resting.active(idle('a'));
    await clock.advance(1_000);
    resting.active(idle('b'));
    await clock.advance(60_000);
    t.deepEqual(trace, [...expected]);
    t.is(clock.armed, 0);
  });
}

test('above the bound the longest idle leave, those at work stay', t => {
  const { trace, resting } = scene({ residents: 2 });
  const [busy, full] = [idle('busy'), idle('full')];
  resting.active(busy);
  busy.committing = true;
  resting.active(full);
  full.mailbox.size = 1;
  resting.active(idle('c'));
  t.deepEqual(trace, ['0 passivate c']);
  busy.committing = false;
  resting.active(idle('d'));
  t.deepEqual(trace, ['0 passivate c', '0 passivate busy']);
});

test('one that is gone is not looked after', async t => {
  const { clock, trace, resting } = scene();
  const a = idle('a');
  resting.active(a);
  resting.gone(a);
  await clock.advance(20_000);
  t.deepEqual(trace, []);
});
