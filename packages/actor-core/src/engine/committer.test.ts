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
function scene({ isElsewhere = false } = {}) {
  const clock = new FakeClock(0);
  const calls: { readonly batch: CommitBatch; answer(): void; fail(error: Error): void }[] = [];
  const store = {
    kind: 'by hand',
    isElsewhere,
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
  const refused: number[] = [];
  const write = (eid: number, namespace = 'default') => {
    const entry = { shard: 0 as ShardId, epoch: 1 as Epoch, eid: eid as Eid, prevSeq: 0 };
    committer.write(namespace, entry, verdict => (verdict.kind === 'refused' ? refused : settled).push(eid));
    committer.flush();
  };
  return { clock, calls, lines, committer, settled, refused, write };
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

test('a store that works elsewhere has what waits before the effects of the last batch', async t => {
  const { clock, calls, settled, write } = scene({ isElsewhere: true });
  for (const eid of [1, 2, 3, 4]) write(eid);
  calls[0]!.answer();
  const sent: number[] = [];
  Object.defineProperty(settled, 'push', { value: (eid: number) => sent.push(eid, calls.length) });
  await clock.settle();
  t.deepEqual(sent, [1, 2]);
  t.deepEqual(eids(calls[1]!.batch), [2, 3]);
  calls[1]!.answer();
  await clock.settle();
  t.deepEqual(sent, [1, 2, 2, 3, 3, 3]);
  t.deepEqual(eids(calls[2]!.batch), [4]);
  calls[2]!.answer();
  await clock.settle();
  t.is(calls.length, 3);
});

test('work in the lane waits for the effects of the batch before it, wherever the store is', async t => {
  const { clock, calls, settled, committer, write } = scene({ isElsewhere: true });
  for (const eid of [1, 2, 3]) write(eid);
  const work = committer.exclusively(async () => void t.deepEqual(settled, [1]));
  calls[0]!.answer();
  await work;
  await clock.settle();
  t.deepEqual(eids(calls[1]!.batch), [2, 3]);
});

class Outage extends StoreRefusedError {
  constructor(message: string) {
    super(message, { isOutage: true });
  }
}

for (const Failure of [Outage, OutcomeUnknownError, Error]) {
  test(`after ${Failure.name} the identical batch is sent again until it is answered; nothing overtakes it`, async t => {
    const { clock, calls, settled, committer, write } = scene();
    write(1);
    for (let i = 0; i < 4; i++) {
      calls[i]!.fail(new Failure('down'));
      await clock.settle();
      write(10 + i);
      t.is(committer.silentMs, i * 1_000);
      await clock.advance(1_000);
      t.is(calls[i + 1]!.batch, calls[0]!.batch);
      t.deepEqual(settled, []);
    }
    calls[4]!.answer();
    await clock.settle();
    t.deepEqual(settled, [1]);
    t.is(committer.silentMs, 0);
    t.deepEqual(eids(calls[5]!.batch), [10, 11]);
  });
}

test('what goes wrong with one write is told, and holds up neither the others nor the lane', async t => {
  const { clock, calls, lines, committer, settled, write } = scene();
  write(1);
  committer.write('default', { shard: 0 as ShardId, epoch: 1 as Epoch, eid: 2 as Eid, prevSeq: 0 }, () => {
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

/** A store that refuses whatever has a culprit in it, until the test lets it answer otherwise. */
async function answerAll(
  { clock, calls }: Pick<ReturnType<typeof scene>, 'clock' | 'calls'>,
  fails: (batch: CommitBatch) => Error | null,
  ms = 20_000,
): Promise<number[][]> {
  const landed: number[][] = [];
  let answered = 0;
  for (let waited = 0; waited <= ms; waited += answered === calls.length ? 10 : 0) {
    const call = calls[answered];
    if (call) {
      answered++;
      const error = fails(call.batch);
      if (error) call.fail(error);
      else {
        landed.push(eids(call.batch));
        call.answer();
      }
    }
    await clock.advance(call ? 0 : 10);
  }
  return landed;
}

const refusing =
  (...culprits: number[]) =>
  (batch: CommitBatch) =>
    eids(batch).some(eid => culprits.includes(eid)) ? new StoreRefusedError(`no ${culprits.join()}`) : null;

test('a write that the store refuses for ever is given up with its message; the others go on', async t => {
  const given = scene();
  const { settled, refused, write, committer } = given;
  for (const eid of [1, 2, 3, 4, 5]) write(eid);
  await answerAll(given, refusing(3));
  t.deepEqual(settled, [1, 2, 4, 5]);
  t.deepEqual(refused, [3]);
  await committer.idle();
  write(6);
  await answerAll(given, refusing(3), 100);
  t.deepEqual(settled, [1, 2, 4, 5, 6]);
});

test('a write that is refused alone is not given up before others have landed, and holds nobody up', async t => {
  const given = scene();
  const { settled, refused, write, committer } = given;
  write(1);
  await answerAll(given, refusing(1));
  t.deepEqual([settled, refused], [[], []]);
  await committer.idle();
  write(2);
  await answerAll(given, refusing(1));
  t.deepEqual([settled, refused], [[2], [1]]);
});

test('a write that was refused for a while lands, and is told so once', async t => {
  const given = scene();
  const { settled, refused, write } = given;
  write(1);
  let refusals = 0;
  await answerAll(given, () => (++refusals < 8 ? new StoreRefusedError('busy') : null));
  write(2);
  await answerAll(given, () => null);
  t.deepEqual([settled, refused], [[1, 2], []]);
});

test('a store that refuses everything is waited for, whatever its errors say: nothing is given up', async t => {
  const given = scene();
  const { settled, refused, write } = given;
  for (const eid of [1, 2, 3, 4]) write(eid);
  await answerAll(given, () => new StoreRefusedError('down'));
  t.deepEqual([settled, refused], [[], []]);
  await answerAll(given, () => null);
  t.deepEqual([settled.toSorted((a, b) => a - b), refused], [[1, 2, 3, 4], []]);
});

test('once the outcome of a try is unknown, later refusals take nothing apart: the first may land yet', async t => {
  const given = scene();
  const { calls, settled, refused, write } = given;
  write(0);
  write(1);
  write(2);
  let tries = 0;
  await answerAll(given, batch => {
    if (!eids(batch).includes(1)) return null;
    tries++;
    if (tries > 9) return null;
    return tries === 1 ? new OutcomeUnknownError('who knows') : new StoreRefusedError('not now');
  });
  t.deepEqual([settled, refused], [[0, 1, 2], []]);
  t.is(new Set(calls.slice(1).map(call => call.batch)).size, 1);
});

test('nor is a part of one whose outcome is unknown', async t => {
  const given = scene();
  const { calls, settled, refused, write } = given;
  write(0);
  write(1);
  write(2);
  let tries = 0;
  await answerAll(given, batch => {
    if (eids(batch).length === 2) return new StoreRefusedError('not both');
    if (!eids(batch).includes(2)) return null;
    tries++;
    if (tries > 9) return null;
    return tries === 1 ? new OutcomeUnknownError('who knows') : new StoreRefusedError('not now');
  });
  t.deepEqual([settled, refused], [[0, 1, 2], []]);
  t.is(new Set(calls.filter(({ batch }) => eids(batch).join() === '2').map(call => call.batch.commitId)).size, 1);
});

test('namespaces take turns in batches', async t => {
  const given = scene();
  for (const eid of [0, 1, 2, 3, 4, 5]) given.write(eid, 'busy');
  given.write(10, 'quiet');
  const landed = await answerAll(given, () => null, 100);
  t.deepEqual(landed, [[0], [1, 10], [2, 3], [4, 5]]);
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
