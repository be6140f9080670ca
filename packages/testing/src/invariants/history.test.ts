import type { CommitBatch, InboxRow } from '@dfnsjs/actor-core/ports';
import { encodeMessage, type Eid, type MessageId, type RunRow } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { Histories } from './history.ts';

const [BEFORE, NEXT] = [1, 2] as [Eid, Eid];

test('a commit without a turn that lands a second time writes nothing: rows that were taken since are not there again', t => {
  const histories = new Histories();
  const message = encodeMessage({ kind: 'cancel', at: 0, id: 'm' as MessageId, reason: null });
  const row = { shard: 0, receiver: BEFORE, accepted: 7, sender: 0, number: 7, message } as InboxRow;
  const insert = { eid: NEXT, namespace: 'default', id: 'a', runId: 'r', lineage: null } as unknown as RunRow;
  const place = { shard: 0, epoch: 1, prevSeq: 0 };
  const batch = (...actors: unknown[]) => ({ actors }) as unknown as CommitBatch;
  const begins = batch({ ...place, eid: BEFORE, insert, accepts: [row] });
  const done = [{ kind: 'done' }] as const;
  histories.landed(begins, done);
  t.is(histories.inbox.size, 1);
  histories.landed(batch({ ...place, eid: NEXT, takes: [row] }), done);
  t.is(histories.inbox.size, 0);
  histories.landed(begins, done);
  t.is(histories.inbox.size, 0);
  t.is(histories.ofId('default', 'a').length, 1);
});
