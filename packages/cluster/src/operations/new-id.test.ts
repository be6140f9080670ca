import test from 'ava';
import type { Member, Membership, NodeReport } from '@dfnsjs/actor-core/ports';
import { shardOf, type Incarnation } from '@dfnsjs/actor-core/records';
import { newId } from './new-id.ts';

const SHARDS = 16;
const WORKFLOW = { name: 'w', version: 1 };

function member(name: string, given: Partial<Member> = {}): Member {
  return {
    ...{ incarnation: name as Incarnation, ordinal: 1, address: name, build: 'b', workflows: [WORKFLOW] },
    ...{ duty: 'serve' as const, leaseLeftMs: 1_000, transport: true, state: 'ready' as const },
    ...{ residents: 1_000, loopLagMs: 0 },
    ...given,
  };
}

/** How many of 100 new ids are of shards that node `a`, which has a quarter of them, has. */
function own(members: readonly Member[] | null, report: Partial<NodeReport> = {}, workflow = WORKFLOW): number {
  let drawn = 0;
  const ownerOf = (shard: number) => (shard % 4 === 0 ? 'a' : 'b') as Incarnation;
  const ids = Array.from({ length: 100 }, () =>
    newId(
      {
        chance: { random: () => 0, uuid: () => `id-${drawn++}` },
        router: { ownerOf } as never,
        shards: SHARDS,
        node: () => 'a',
        report: () => ({ transport: true, state: 'ready', residents: 1_000, loopLagMs: 0, ...report }),
        membership: () => members && ({ version: 1, now: 0, members } satisfies Membership),
      },
      'default',
      workflow,
    ),
  );
  return ids.filter(id => ownerOf(shardOf('default', id, SHARDS)) === 'a').length;
}

const four = ['a', 'b', 'c', 'd'].map(name => member(name));

test('what is given no id begins at the node that it comes to', t => {
  t.is(own(four), 100);
  t.is(own(four, { residents: 1_116 }), 100);
  t.is(own(four, { loopLagMs: 5 }), 100);
  // All of them are late, and it is not the latest.
  t.is(
    own(
      four.map(each => ({ ...each, loopLagMs: 20 })),
      { loopLagMs: 40 },
    ),
    100,
  );
});

for (const [title, members, report, workflow] of [
  ['that has more in its memory than others', four, { residents: 1_117 }],
  ['whose event loop is later', four, { loopLagMs: 6 }],
  ['that leaves', four, { state: 'leaving' }],
  ['that is drained', [member('a', { duty: 'drain' }), ...four.slice(1)]],
  ['without the workflow', [member('a', { workflows: [] }), ...four.slice(1)]],
  ['without that version', four, {}, { name: 'w', version: 2 }],
  ['of another build than others', [...four.slice(0, 3), member('d', { build: 'c' })]],
  ['that is alone', four.slice(0, 1)],
  ['that nobody knows', four.slice(1)],
  ['that has read of nobody yet', null],
] as const) {
  test(`what comes to a node ${title} begins anywhere`, t => {
    const share = own(members, report, workflow);
    t.true(share > 5 && share < 50, `${share} of 100`);
  });
}
