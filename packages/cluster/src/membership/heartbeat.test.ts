import type { Clock, Member, Membership, Renewal, Renewed, Timer } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { Heartbeat, type HeartbeatOptions } from './heartbeat.ts';
import { Lease } from './lease.ts';

const LEASE_MS = 3_000;
const SELF = 'self' as Incarnation;
const REPORT = { transport: true, state: 'ready', residents: 0, loopLagMs: 0 } as const;

/** A clock that a test moves, and a store that answers as it says. */
function scene(given: Partial<HeartbeatOptions['store']> = {}) {
  let time = 0;
  const timers = new Set<{ at: number; ring: () => void }>();
  const clock: Pick<Clock, 'now' | 'elapsed' | 'setTimer'> = {
    now: () => time,
    elapsed: () => time,
    setTimer(at, ring): Timer {
      const timer = { at, ring };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
  };
  const heard: string[] = [];
  const others: { incarnation: string; leaseLeftMs: number }[] = [];
  const answer: Renewed = { alive: true, now: 0, version: 1, owned: '0:0' };
  const members = async (): Promise<Membership> => ({
    version: 1,
    now: time,
    members: others.map(({ incarnation, leaseLeftMs }) => ({ incarnation, leaseLeftMs }) as Member),
  });
  const lease = new Lease(LEASE_MS);
  const heartbeat = new Heartbeat({
    store: {
      renew: async () => answer,
      members,
      bury: async incarnation => {
        heard.push(`bury ${incarnation}`);
        others.splice(0);
        return true;
      },
      ...given,
    },
    clock,
    incarnation: SELF,
    leaseMs: LEASE_MS,
    lease,
    maxStallMs: 10_000,
    log: { write: level => void heard.push(level) },
    report: () => REPORT,
    renewed: () => void heard.push('renewed'),
    members: ({ members: all }) => void heard.push(`members ${all.map(each => each.incarnation).join()}`),
    lost: () => void heard.push('lost'),
  });
  const advance = async (ms: number) => {
    const until = time + ms;
    for (;;) {
      await new Promise(resolve => setImmediate(resolve));
      const next = [...timers].sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > until) break;
      timers.delete(next);
      time = Math.max(time, next.at);
      next.ring();
    }
    time = until;
  };
  /** Time goes by in one busy turn. */
  const pass = (ms: number) => void (time += ms);
  return { heartbeat, lease, heard, others, answer, advance, pass, now: () => time };
}

test('it renews three times in a lease, and says who lives', async t => {
  const { heartbeat, lease, heard, advance, now } = scene();
  await heartbeat.beat();
  t.deepEqual(heard, ['renewed', 'members ']);
  await advance(10_000);
  t.is(heard.filter(each => each === 'renewed').length, 11);
  t.true(lease.holds(now()));
});

test('a store that fails is asked again, and the lease runs out meanwhile', async t => {
  const { heartbeat, lease, heard, advance, now } = scene({ renew: () => Promise.reject(new Error('away')) });
  lease.renewed(0);
  await heartbeat.beat();
  await advance(2_000);
  t.true(lease.holds(now()));
  await advance(2_000);
  t.false(lease.holds(now()));
  t.deepEqual(new Set(heard), new Set(['warn']));
});

test('a store that says nothing until a lease has gone by since the end of this one has lost it', async t => {
  let isAway = false;
  const { heartbeat, lease, heard, advance, now } = scene({
    renew: async () => {
      if (isAway) throw new Error('away');
      return { alive: true, now: 0, version: 1, owned: '0:0' };
    },
  });
  await heartbeat.beat();
  await advance(5_000);
  isAway = true;
  await advance(1_000 + 2 * LEASE_MS - LEASE_MS / 10 - 1_001);
  t.false(lease.holds(now()));
  t.false(heard.includes('lost'));
  await advance(1_001);
  t.is(heard.filter(each => each === 'lost').length, 1);
  heartbeat.stop();
  await advance(60_000);
  t.is(heard.filter(each => each === 'lost').length, 1);
});

test('an incarnation that is no more is told once', async t => {
  const { heartbeat, lease, heard, now } = scene({
    renew: async () => ({ alive: false, now: 0, version: 1, owned: '0:0' }),
  });
  lease.renewed(0);
  await heartbeat.beat();
  t.deepEqual(heard, ['lost']);
  t.false(lease.holds(now()));
});

test('another whose lease ends before the next renewal is looked at when it does, and buried', async t => {
  const { heartbeat, heard, others, advance } = scene();
  others.push({ incarnation: 'other', leaseLeftMs: 300 });
  await heartbeat.beat();
  heard.splice(0);
  others[0]!.leaseLeftMs = 0;
  await advance(320);
  t.deepEqual(heard, ['renewed', 'bury other', 'members ']);
});

test('where the store renews from a thread, what it renewed while the loop was busy counts', async t => {
  const listeners: ((renewal: Renewal) => void)[] = [];
  let last: Renewal | undefined;
  let stopped = false;
  let renewals = 0;
  const { heartbeat, lease, heard, answer, advance, pass, now } = scene({
    renewals: () => {
      renewals++;
      return {
        now: () => 1_000_000 + now(),
        last: () => last,
        onAnswer: listener => void listeners.push(listener),
        onFailure: () => undefined,
        stamp: () => undefined,
        stop: async () => {
          stopped = true;
        },
      };
    },
  });
  await heartbeat.beat();
  await advance(10_000);
  t.is(renewals, 1);
  t.true(lease.holds(now()), 'while the thread says nothing the main loop renews');
  pass(3_000);
  t.false(lease.holds(now()), 'nothing came from the thread');
  last = { sentAt: 1_000_000 + now() - 100, answer };
  t.true(lease.holds(now()));
  t.false(lease.holds(now() + 2_600), 'it counts from when it was sent');
  listeners[0]!({ sentAt: 1_000_000 + now(), answer: { ...answer, alive: false } });
  t.is(heard.at(-1), 'lost');
  heartbeat.stop();
  t.true(stopped);
});

test('what is to be told is told at once, though a thread renews, and though a beat is under way', async t => {
  let last: Renewal | undefined;
  let reports = 0;
  let stamps = 0;
  const answer: Renewed = { alive: true, now: 0, version: 1, owned: '0:0' };
  const { heartbeat, advance, now } = scene({
    renew: async () => {
      reports++;
      return answer;
    },
    renewals: () => ({
      now,
      last: () => last,
      onAnswer: () => undefined,
      onFailure: () => undefined,
      stamp: () => void stamps++,
      stop: async () => undefined,
    }),
  });
  await heartbeat.beat();
  t.is(reports, 1);
  last = { sentAt: now(), answer };
  await heartbeat.beat();
  t.is(reports, 1, 'the thread renews');
  await heartbeat.tell();
  t.is(reports, 2);
  const underWay = heartbeat.beat();
  await Promise.all([underWay, heartbeat.tell()]);
  t.is(reports, 3);
  await advance(1_000);
  t.is(reports, 3);
  t.is(stamps, 2, 'what the thread sends next says the same');
  heartbeat.stop();
});
