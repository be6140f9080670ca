import { NO_REPORT, type Member, type Membership, type ShardRow } from '@dfnsjs/actor-core/ports';
import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { BuildOrder } from './builds.ts';
import { canHandOn, movesOf, movingOf } from './moves.ts';
import { byShard, commonVersion, NONE_OPEN, serveDifferently, type OpenWorkflows } from './workflows.ts';

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

/** Of each shard of `shards`, that it has open executions of these. */
const open = (shards: readonly number[], ...names: string[]): OpenWorkflows =>
  byShard(shards.flatMap(shard => names.map(name => ({ shard: shard as ShardId, name, version: 1 }))));
const serving = (...names: string[]) => ({ workflows: names.map(name => ({ name, version: 1 })) });
const takenBy = (name: string, who: Membership, held: OpenWorkflows, build: string | null = null) =>
  movesOf(
    name as Incarnation,
    rows(() => null, build),
    who,
    held,
  ).take.map(({ shard }) => shard);
const EVERY = Array.from({ length: SHARDS }, (_, shard) => shard);

test('a shard goes to none that lacks a workflow which is open in it, and other shards stay where they are', t => {
  const all = membership(
    member('a', serving('x', 'y')),
    member('b', serving('x')),
    member('c', serving('x', 'y', 'z')),
  );
  const before = new Map(['a', 'b', 'c'].map(name => [name, takenBy(name, all, NONE_OPEN)]));
  const held = open(EVERY.slice(0, 16), 'x', 'y');
  const after = new Map(['a', 'b', 'c'].map(name => [name, takenBy(name, all, held)]));
  t.deepEqual(
    [...after.values()].flat().sort((a, b) => a - b),
    EVERY as ShardId[],
  );
  t.true(before.get('b')!.some(shard => shard < 16));
  t.deepEqual(
    after.get('b'),
    before.get('b')!.filter(shard => shard >= 16),
  );
  for (const name of ['a', 'c']) {
    t.true(before.get(name)!.every(shard => after.get(name)!.includes(shard)));
    t.true(after.get(name)!.length > before.get(name)!.length, 'both that can take of them');
  }
});

test('what is open in one shard moves no other, whatever is seen of the others', t => {
  const all = membership(member('a', serving('x', 'y')), member('b', serving('x')), member('c', serving('y')));
  const ownersOf = (held: OpenWorkflows) =>
    new Map(['a', 'b', 'c'].flatMap(name => takenBy(name, all, held).map(shard => [shard, name] as const)));
  const none = ownersOf(NONE_OPEN);
  for (const shard of EVERY as ShardId[]) {
    const owners = ownersOf(open([shard], 'x', 'y'));
    t.is(owners.get(shard), 'a');
    for (const [other, owner] of none) if (other !== shard) t.is(owners.get(other), owner);
  }
});

test('a node gives what it lacks to one that joins and has it, and keeps it where nobody has all', t => {
  const a = member('a', serving('x'));
  const held = open(EVERY, 'x', 'y');
  const gives = (...others: Member[]) =>
    movesOf(
      'a' as Incarnation,
      rows(() => 'a'),
      membership(a, ...others),
      held,
    ).give;
  t.deepEqual(new Set(gives(member('b', serving('x', 'y'))).map(({ to }) => to)), new Set(['b' as Incarnation]));
  t.is(gives(member('b', serving('x', 'y'))).length, SHARDS);
  // As without: to each its share.
  const share = gives(member('b', serving('y'))).length;
  t.true(share > 0 && share < SHARDS);
  t.is(gives(member('b', { ...serving('x', 'y'), duty: 'drain' })).length, 0);
  const unserved = movingOf(
    rows(() => 'a'),
    membership(a, member('b', serving('x', 'y'))),
    held,
  );
  t.is(unserved, SHARDS);
});

test('a workflow that the newer build dropped stays with the older one until that leaves, and does not come back', t => {
  const older = member('a', { ordinal: 1, build: 'one', ...serving('x', 'y') });
  const newer = member('b', { ordinal: 2, build: 'two', ...serving('x') });
  const all = membership(older, newer);
  const held = open(EVERY, 'y');
  t.is(takenBy('a', all, held, 'one').length, SHARDS);
  t.is(takenBy('b', membership({ ...older, state: 'leaving' }, newer), held, 'one').length, SHARDS);
  t.is(takenBy('a', all, held, 'two').length, 0);
  t.true(canHandOn('one', { name: 'y', version: 1 }, all));
  t.false(canHandOn('two', { name: 'y', version: 1 }, all));
  t.true(canHandOn('one', { name: 'x', version: 1 }, all));
  t.false(canHandOn('one', { name: 'y', version: 2 }, all));
  t.false(canHandOn('one', { name: 'y', version: 1 }, membership({ ...older, duty: 'cordon' }, newer)));
});

test('nodes that serve the same are asked for nothing, in whatever order they say it', t => {
  t.false(serveDifferently([]));
  t.false(serveDifferently([serving('x')]));
  t.false(serveDifferently([serving('x', 'y'), serving('y', 'x')]));
  t.true(serveDifferently([serving('x', 'y'), serving('x', 'y'), serving('x')]));
  t.true(serveDifferently([serving('x'), serving('x', 'y')]));
  t.true(serveDifferently([serving('x'), { workflows: [{ name: 'x', version: 2 }] }]));
});

test('new executions take the highest version that all have which have the workflow', t => {
  const has = (...versions: number[]) => ({ workflows: versions.map(version => ({ name: 'order', version })) });
  t.is(commonVersion([has(1, 2), has(1, 2, 3), has()], 'order'), 2);
  t.is(commonVersion([has(1), has(2)], 'order'), undefined);
  t.is(commonVersion([], 'order'), undefined);
});
