import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type CommitBatch, OutcomeUnknownError, type Store, StoreRefusedError } from '@dfnsjs/actor-core/ports';
import type { CommitId } from '@dfnsjs/actor-core/records';
import { Scene } from '../conformance/scene.ts';
import { SqliteCore } from './core.ts';
import { openDatabase } from './open-database.ts';
import { openSqlite } from './open.ts';
import { clock, scratchDirectory } from './scratch.test.support.ts';
import { SqliteStore } from './store.ts';

const TURN = new Uint8Array(32 * 1024);

/** Commits turns of one run until one fails: the batch that failed, how, and how many stand. */
async function fill(scene: Scene): Promise<{ batch: CommitBatch; error: unknown; turns: number }> {
  await scene.given(scene.start(1));
  for (let seq = 1; ; seq++) {
    const turn = scene.part(scene.eid(1), seq, { journal: { seq: seq + 1, turn: TURN } });
    const batch = {
      commitId: `fill ${seq}` as CommitId,
      incarnation: scene.incarnation,
      actors: [turn, scene.start(seq + 1)],
    };
    try {
      await scene.store.commit(batch);
    } catch (error) {
      return { batch, error, turns: seq };
    }
  }
}

async function standsUp(t: ExecutionContext, store: Store, makeRoom: () => void): Promise<void> {
  const scene = await Scene.join(store);
  const { batch, error, turns } = await fill(scene);
  t.true(error instanceof StoreRefusedError || error instanceof OutcomeUnknownError, String(error));
  t.regex(String(error), /SQLITE_(FULL|IOERR)/);
  t.is((await store.load([scene.eid(1)]))[0]?.journal.length, turns);
  t.is((await store.load([batch.actors[1]!.eid]))[0], undefined);
  makeRoom();
  t.deepEqual(
    (await store.commit(batch)).map(verdict => verdict.kind),
    ['done', 'done'],
  );
  t.is((await store.load([scene.eid(1)]))[0]?.journal.length, turns + 1);
  await store.close();
}

test('a file that may not grow refuses the batch whole, and takes it once it may', async t => {
  const database = openDatabase(join(scratchDirectory(t), 'store.db'));
  database.pragma('max_page_count = 200');
  const session = { core: new SqliteCore(database), commitMs: () => 0, close: () => database.close() };
  await standsUp(t, new SqliteStore(session, clock), () => database.pragma('max_page_count = 10000'));
});

function mountSmall(t: ExecutionContext): string | undefined {
  const mountPoint = join(scratchDirectory(t), 'small disk');
  mkdirSync(mountPoint);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mountPoint], { stdio: 'ignore' });
  } catch {
    t.log('No right to mount a file system here: only the limit on pages was tried.');
    t.pass();
    return undefined;
  }
  t.teardown(() => execFileSync('umount', ['--lazy', mountPoint]));
  return mountPoint;
}

for (const mode of ['main', 'worker'] as const) {
  test(`a full disk refuses the batch whole, and takes it once there is room (${mode})`, async t => {
    const disk = mountSmall(t);
    if (disk === undefined) return;
    writeFileSync(join(disk, 'ballast'), new Uint8Array(1024 * 1024));
    const store = await openSqlite(join(disk, 'store.db'), { clock, mode });
    await standsUp(t, store, () => rmSync(join(disk, 'ballast')));
  });
}
