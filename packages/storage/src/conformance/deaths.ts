import { deepEqual, equal } from 'node:assert/strict';
import { NOBODY, type DeathNote } from '@dfnsjs/actor-core/ports';
import type { Eid, Incarnation } from '@dfnsjs/actor-core/records';
import { BOUNDS } from '@dfnsjs/actor-core/values';
import type { ConformanceCase } from './opened-store.ts';

const death = (n: number, more: Partial<DeathNote> = {}): DeathNote => ({
  incarnation: `node-${n}` as Incarnation,
  build: 'b1',
  eid: (n * 1_000) as Eid,
  command: n,
  isBody: false,
  address: null,
  ...more,
});

/** Of stores that nodes share. */
export const DEATHS: readonly ConformanceCase[] = [
  {
    name: 'whose code took nodes down is told to whoever asks, each once',
    run: async ({ store, advance, reopen }) => {
      if (!store.noteDeath || !store.deaths) return;
      deepEqual(await store.deaths(), []);
      const first = death(1, { address: { namespace: 'default', id: '€ \0' }, isBody: true });
      await store.noteDeath(first);
      await advance(5);
      await store.noteDeath(death(2));
      await store.noteDeath({ ...death(2), command: 7 });
      const again = await reopen();
      const [one, two, ...others] = await again.deaths!();
      deepEqual(others, []);
      deepEqual({ ...one, at: 0 }, { ...first, at: 0 });
      deepEqual({ ...two, at: 0 }, { ...death(2), at: 0 });
      equal(two!.at, one!.at + 5);
    },
  },
  {
    name: 'that a node lives on is told as a death of nobody',
    run: async ({ store }) => {
      if (!store.noteDeath || !store.deaths) return;
      await store.noteDeath(death(1, { eid: NOBODY, command: 0 }));
      const [told] = await store.deaths();
      deepEqual([told?.incarnation, told?.eid], ['node-1', NOBODY]);
    },
  },
  {
    name: 'one is forgotten after its time',
    run: async ({ store, advance }) => {
      if (!store.noteDeath || !store.deaths) return;
      const told = async () => (await store.deaths!()).map(({ incarnation }) => incarnation);
      await store.noteDeath(death(1));
      await advance(BOUNDS.crashWindowMs);
      await store.noteDeath(death(2));
      deepEqual(await told(), ['node-1', 'node-2']);
      await advance(1);
      deepEqual(await told(), ['node-2']);
      await store.noteDeath(death(3));
      deepEqual(await told(), ['node-2', 'node-3']);
    },
  },
];
