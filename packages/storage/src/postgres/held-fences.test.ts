import type { ActorCommit, CommitVerdict } from '@dfnsjs/actor-core/ports';
import type { Eid, Epoch, ShardId } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { HeldFences } from './held-fences.ts';

const at = (shard: number, epoch: number): ActorCommit => ({
  shard: shard as ShardId,
  epoch: epoch as Epoch,
  eid: 1 as Eid,
  prevSeq: 0,
});
const DONE: CommitVerdict = { kind: 'done' };
const FENCED: CommitVerdict = { kind: 'fenced' };

test('what was found in force is known under the moves of that time, by shard and epoch', t => {
  const fences = new HeldFences();
  t.is(fences.movesOf([at(1, 5)]), null);
  fences.found(3, 'server', [at(1, 5), at(2, 7)], [DONE, DONE]);
  t.is(fences.movesOf([at(1, 5), at(2, 7), at(1, 5)]), 3);
  t.is(fences.movesOf([at(1, 6)]), null);
  t.is(fences.movesOf([at(1, 5), at(3, 1)]), null);
});

test('a move of any shard makes all of it unknown but what was found behind it', t => {
  const fences = new HeldFences();
  fences.found(3, 'server', [at(1, 5), at(2, 7)], [DONE, DONE]);
  fences.found(4, 'server', [at(2, 7)], [DONE]);
  t.is(fences.movesOf([at(2, 7)]), 4);
  t.is(fences.movesOf([at(1, 5)]), null);
});

test('what is fenced is not in force; what was refused for another reason is', t => {
  const fences = new HeldFences();
  fences.found(1, 'server', [at(1, 5), at(2, 7)], [FENCED, { kind: 'conflict' }]);
  t.is(fences.movesOf([at(1, 5)]), null);
  t.is(fences.movesOf([at(2, 7)]), 1);
});

test('on another server, or one that was started again, all of it is unknown', t => {
  const fences = new HeldFences();
  t.true(fences.found(3, 'server', [at(1, 5), at(2, 7)], [DONE, DONE]));
  t.false(fences.found(3, 'server', [at(1, 5)], [DONE]));
  t.true(fences.found(3, 'standby', [at(2, 7)], [DONE]));
  t.is(fences.server, 'standby');
  t.is(fences.movesOf([at(1, 5)]), null);
  t.is(fences.movesOf([at(2, 7)]), 3);
});
