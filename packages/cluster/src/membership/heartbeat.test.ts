import type { Incarnation } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { Heartbeat } from './heartbeat.ts';
import { Lease } from './lease.ts';

test('while a thread that renews the lease says nothing, the main loop renews it', async t => {
  let now = 0;
  let due: (() => void) | undefined;
  let renewals = 0;
  const clock = {
    now: () => now,
    elapsed: () => now,
    setTimer: (_: number, fn: () => void) => {
      due = fn;
      return { cancel: () => undefined };
    },
  };
  const lease = new Lease(3_000);
  const heartbeat = new Heartbeat({
    store: {
      renew: async () => {
        renewals++;
        return { alive: true, now, version: 1, owned: '' };
      },
      renewals: () => ({
        now: () => now,
        last: () => undefined,
        onAnswer: () => undefined,
        stop: async () => undefined,
      }),
      members: async () => ({ version: 1, now, members: [] }),
      bury: async () => false,
    },
    ...{ clock, lease, leaseMs: 3_000, maxStallMs: 10_000, incarnation: 'a' as Incarnation },
    log: { write: () => undefined },
    report: () => ({ transport: true, state: 'ready', residents: 0, loopLagMs: 0 }),
    renewed: () => undefined,
    members: () => undefined,
    lost: () => t.fail(),
  });
  await heartbeat.beat();
  for (; now < 12_000; now += 1_000) {
    t.true(lease.holds(now));
    due?.();
    await heartbeat.beat();
  }
  t.true(renewals >= 5);
  heartbeat.stop();
});
