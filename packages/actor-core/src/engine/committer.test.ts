import test from 'ava';
import type { Eid, Epoch, Incarnation, ShardId } from '../ids/ids.ts';
import { FakeClock } from '../ports/fake-clock.ts';
import {
  type CommitBatch,
  type CommitVerdict,
  DONE,
  OutcomeUnknownError,
  StoreRefusedError,
} from '../ports/store/commit.ts';
import { Committer } from './committer.ts';

/** A store whose commits the test answers by hand, in any way. */
function scene() {
  const clock = new FakeClock(0);
  const calls: { readonly batch: CommitBatch; answer(): void; fail(error: Error): void }[] = [];
  const store = {
    kind: 'by hand',
    limits: { items: 2, bytes: 10_000, itemBytes: 10_000 },
    commit: (batch: CommitBatch) =>
      new Promise<readonly CommitVerdict[]>((resolve, reject) =>
        calls.push({ batch, answer: () => resolve(batch.actors.map(() => DONE)), fail: reject }),
      ),
  };
  const lines: string[] = [];
  const log = { write: (_level: string, message: string) => void lines.push(message) };
  const committer = new Committer(store, 'me' as Incarnation, 7, clock, log);
  const settled: number[] = [];
  const write = (eid: number) => {
    committer.write({ shard: 0 as ShardId, epoch: 1 as Epoch, eid: eid as Eid, prevSeq: 0 }, () => settled.push(eid));
    committer.flush();
  };
  return { clock, calls, lines, committer, settled, write };
}

const eids = (batch: CommitBatch) => batch.actors.map(actor => Number(actor.eid));

test('one batch is in flight; what comes meanwhile is the next, in order', async t => {
  const { clock, calls, settled, write } = scene();
  for (const eid of [1, 2, 3, 4]) write(eid);
  t.deepEqual(
    calls.map(call => eids(call.batch)),
    [[1]],
  );
  calls[0]!.answer();
  await clock.settle();
  t.deepEqual(
    calls.map(call => eids(call.batch)),
    [[1], [2, 3]],
  );
  calls[1]!.answer();
  await clock.settle();
  calls[2]!.answer();
  await clock.settle();
  t.deepEqual(settled, [1, 2, 3, 4]);
  t.is(new Set(calls.map(call => call.batch.commitId)).size, 3);
});

for (const Failure of [StoreRefusedError, OutcomeUnknownError, Error]) {
  test(`after ${Failure.name} the identical batch is sent again until it is answered; nothing overtakes it`, async t => {
    const { clock, calls, settled, committer, write } = scene();
    write(1);
    for (let i = 0; i < 4; i++) {
      calls[i]!.fail(new Failure('down'));
      await clock.settle();
      write(10 + i);
      t.is(committer.failingSince, 0);
      await clock.advance(1_000);
      t.is(calls[i + 1]!.batch, calls[0]!.batch);
      t.deepEqual(settled, []);
    }
    calls[4]!.answer();
    await clock.settle();
    t.deepEqual(settled, [1]);
    t.is(committer.failingSince, null);
    t.deepEqual(eids(calls[5]!.batch), [10, 11]);
  });
}

test('what goes wrong with one write is told, and holds up neither the others nor the lane', async t => {
  const { clock, calls, lines, committer, settled, write } = scene();
  write(1);
  committer.write({ shard: 0 as ShardId, epoch: 1 as Epoch, eid: 2 as Eid, prevSeq: 0 }, () => {
    throw new Error('a bug');
  });
  for (const eid of [3, 4]) write(eid);
  for (const n of [0, 1, 2]) {
    calls[n]!.answer();
    await clock.settle();
  }
  t.deepEqual(settled, [1, 3, 4]);
  t.deepEqual(lines, ['the effects of a commit failed: the execution goes on when its node starts again']);
});

test('exclusive work goes after what is in flight and before what waits', async t => {
  const { clock, calls, committer, write } = scene();
  write(1);
  write(2);
  const work = Promise.withResolvers<void>();
  const trace: string[] = [];
  const done = committer.exclusively(() => {
    trace.push(`begun after ${calls.length}`);
    return work.promise;
  });
  await clock.settle();
  t.deepEqual(trace, []);
  calls[0]!.answer();
  await clock.settle();
  write(3);
  t.deepEqual([trace, calls.length], [['begun after 1'], 1]);
  work.resolve();
  await done;
  await clock.settle();
  t.deepEqual(eids(calls[1]!.batch), [2, 3]);
});

test('once stopped it sends nothing, and hears no answer', async t => {
  const { clock, calls, settled, committer, write } = scene();
  write(1);
  write(2);
  committer.stop();
  calls[0]!.answer();
  await clock.settle();
  committer.flush();
  t.deepEqual([calls.length, settled], [1, []]);
});

test('it is idle once all is answered; a store that answers nothing for too long is not waited for', async t => {
  const { clock, calls, committer, write } = scene();
  t.true(await committer.idle(100));
  for (const eid of [1, 2, 3, 4]) write(eid);
  const outcome = committer.idle(100);
  let known: boolean | undefined;
  void outcome.then(idle => (known = idle));
  for (const call of [0, 1]) {
    await clock.advance(99);
    calls[call]!.answer();
    await clock.settle();
  }
  t.is(known, undefined, 'it answers, if slowly');
  const patient = committer.idle();
  await clock.advance(200);
  t.false(await outcome);
  calls[2]!.answer();
  t.true(await patient);
});
