import { writeSync } from 'node:fs';
import type { CommitId, Eid, Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import { openSqlite } from './open.ts';

/**
 * A process that holds a store and commits until it is killed: a turn of each of `count` runs from `first` on and a
 * message to it, batch after batch, each number printed once its batch is acknowledged.
 */
const [path, mode, incarnation, epoch, first, count] = process.argv.slice(2);
const store = await openSqlite(path!, { clock: () => 1_700_000_000_000, mode: mode as 'main' | 'worker' });
const shard = 0 as ShardId;

function part(receiver: Eid, seq: number) {
  const message = { shard, receiver, accepted: seq, sender: 0, number: 1, message: new Uint8Array(20) } as const;
  const journal = { seq, turn: new Uint8Array(60) };
  return { shard, epoch: Number(epoch) as Epoch, eid: receiver, prevSeq: seq - 1, journal, accepts: [message] };
}

for (let seq = 2; ; seq++) {
  const actors = Array.from({ length: Number(count) }, (_, n) => part((Number(first) + n) as Eid, seq));
  const batch = { commitId: `loop.${seq}` as CommitId, incarnation: incarnation as Incarnation, actors };
  const verdicts = await store.commit(batch);
  if (verdicts.some(verdict => verdict.kind !== 'done')) throw new Error(JSON.stringify(verdicts));
  writeSync(1, `${seq}\n`);
}
