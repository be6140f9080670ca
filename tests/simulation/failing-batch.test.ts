import { workflow } from '@dfnsjs/actor-core';
import type { Fault } from '@dfnsjs/storage/conformance';
import test from 'ava';
import { faultyCluster } from './scene.test.support.ts';

const COMMITS = 6;

const FAULTS: readonly (readonly [string, Fault])[] = [
  ['is refused', { kind: 'refuse' }],
  ['lands and is not answered', { kind: 'unknown', lands: 'now' }],
  ['neither lands nor is answered', { kind: 'unknown', lands: 'never' }],
];

for (const [what, fault] of FAULTS) {
  for (let k = 1; k <= COMMITS; k++) {
    test(`whichever batch ${what} (${k}), work behind it comes out right, and once`, async t => {
      const bodies: string[] = [];
      const work = workflow({ name: 'work' }, async (ctx, who: string) => {
        const got: string[] = [];
        for (let i = 0; i < 3; i++) {
          got.push(
            await ctx.step(`step ${i}`, () => {
              bodies.push(`${who}${i}`);
              return `${who}${i}`;
            }),
          );
          if (i === 1) await ctx.sleep(10 + who.charCodeAt(0));
        }
        return got;
      });
      let commits = 0;
      const { cluster } = await faultyCluster([work], call =>
        call === 'commit' && ++commits === k ? fault : undefined,
      );
      const who = ['a', 'b', 'c'];
      const results = await Promise.all(who.map(each => cluster.client.execute(work, each, { id: each })));
      t.deepEqual(
        results,
        who.map(each => [0, 1, 2].map(i => `${each}${i}`)),
      );
      t.deepEqual(bodies.toSorted(), results.flat().toSorted());
      t.true(commits >= k);
      await cluster.stop();
    });
  }
}
