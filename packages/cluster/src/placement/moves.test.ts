import { NO_REPORT, type Member, type Membership, type ShardRow } from '@dfnsjs/actor-core/ports';
import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { BuildOrder, commonVersion } from './builds.ts';
import { movesOf } from './moves.ts';

const SHARDS = 32;
const member = (name: string, given: Partial<Member> = {}): Member => ({
  ...NO_REPORT,
  ...{ incarnation: name as Incarnation, ordinal: name.charCodeAt(0), address: name, build: 'one', workflows: [] },
  ...{ duty: 'serve', leaseLeftMs: 3_000 },
  ...given,
});
const membership = (...members: Member[]): Membership => ({ version: 1, now: 0, members });
const rows = (ownerOf: (shard: number) => string | null, build: string | null = null): ShardRow[] =>
  Array.from({ length: SHARDS }, (_, shard) => ({
    shard: shard as ShardId,
    epoch: 1 as Epoch,
    owner: ownerOf(shard) as Incarnation | null,
    build,
  }));
const taken = (name: string, given: ShardRow[], all: Membership) =>
  movesOf(name as Incarnation, given, all).take.length;
const given = (name: string, all: ShardRow[], who: Membership) => movesOf(name as Incarnation, all, who).give.length;

test('free shards are taken by exactly one, and evenly', t => {
  const all = membership(member('a'), member('b'), member('c'));
  const free = rows(() => null);
  const each = ['a', 'b', 'c'].map(name => taken(name, free, all));
  t.is(each[0]! + each[1]! + each[2]!, SHARDS);
  for (const count of each) t.true(count >= 7 && count <= 12, String(each));
});

test('shards of a node that is no more are taken; those of one that lives are not', t => {
  const all = membership(member('a'), member('b'));
  t.is(
    taken(
      'a',
      rows(() => 'dead'),
      all,
    ) +
      taken(
        'b',
        rows(() => 'dead'),
        all,
      ),
    SHARDS,
  );
  t.is(
    taken(
      'a',
      rows(() => 'b'),
      all,
    ),
    0,
  );
});

test('one that joins is given its share, and no more', t => {
  const all = membership(member('a'), member('b'));
  const count = given(
    'a',
    rows(() => 'a'),
    all,
  );
  t.true(count >= 14 && count <= 18, String(count));
  t.is(
    given(
      'b',
      rows(() => 'a'),
      all,
    ),
    0,
  );
});

test('one that leaves, is drained or is not reached gives all; one that is cordoned keeps what it has', t => {
  for (const change of [{ state: 'leaving' }, { duty: 'drain' }, { transport: false }] as const) {
    const all = membership(member('a', change), member('b'));
    t.is(
      given(
        'a',
        rows(() => 'a'),
        all,
      ),
      SHARDS,
      JSON.stringify(change),
    );
    t.is(
      taken(
        'a',
        rows(() => null),
        all,
      ),
      0,
      JSON.stringify(change),
    );
  }
  const all = membership(member('a', { duty: 'cordon' }), member('b'));
  t.is(
    given(
      'a',
      rows(() => 'a'),
      all,
    ),
    0,
  );
  t.is(
    taken(
      'a',
      rows(() => null),
      all,
    ),
    0,
  );
  t.is(
    taken(
      'b',
      rows(() => null),
      all,
    ),
    SHARDS,
  );
});

test('where nobody is reached, all go on with what there is', t => {
  const all = membership(member('a', { transport: false }), member('b', { transport: false }));
  t.is(
    taken(
      'a',
      rows(() => null),
      all,
    ) +
      taken(
        'b',
        rows(() => null),
        all,
      ),
    SHARDS,
  );
});

test('an older build takes no shard that a newer one had, as long as one of that lives', t => {
  const all = membership(member('a', { ordinal: 1 }), member('b', { ordinal: 2, build: 'two' }));
  t.is(
    taken(
      'a',
      rows(() => null, 'two'),
      all,
    ),
    0,
  );
  t.is(
    taken(
      'b',
      rows(() => null, 'two'),
      all,
    ),
    SHARDS,
  );
  t.true(
    taken(
      'b',
      rows(() => null, 'one'),
      all,
    ) > 0,
    'a newer one takes of an older',
  );
  t.is(
    taken(
      'a',
      rows(() => null, 'two'),
      membership(member('a')),
    ),
    SHARDS,
    'there is none',
  );
});

test('a build that comes back after its last node left counts as new', t => {
  const order = new BuildOrder([member('b', { ordinal: 5, build: 'two' }), member('a', { ordinal: 9, build: 'one' })]);
  t.true(order.mayTake('one', 'two'));
  t.false(order.mayTake('two', 'one'));
  t.true(order.mayTake('two', 'gone'));
});

test('new executions take the highest version that all have which have the workflow', t => {
  const has = (...versions: number[]) => ({ workflows: versions.map(version => ({ name: 'order', version })) });
  t.is(commonVersion([has(1, 2), has(1, 2, 3), has()], 'order'), 2);
  t.is(commonVersion([has(1), has(2)], 'order'), undefined);
  t.is(commonVersion([], 'order'), undefined);
});
