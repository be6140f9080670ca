import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Eid } from '@dfnsjs/actor-core/values';
import test, { type ExecutionContext } from 'ava';
import { endInOrder, noteDeath, type DeathPaths } from './death-file.ts';
import { KnownDeaths } from './known-deaths.ts';
import { SharedStage, type Entry } from './stage.ts';
import { TracedStage } from './traced-stage.ts';

const HOUR = 3_600_000;
const BUILD = 'build';

function scratch(t: ExecutionContext): DeathPaths {
  const folder = mkdtempSync(join(tmpdir(), 'dfns-deaths-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return { deaths: join(folder, 'app.db-deaths'), image: join(folder, 'app.db-deaths-image') };
}

const entry = (eid: number, address: Entry['address'] = null): Entry => ({
  eid: eid as Eid,
  command: 1,
  isBody: false,
  address,
});

test('nothing is known at first, nor after a process that ended in order, which leaves no file', t => {
  const paths = scratch(t);
  for (let start = 0; start < 2; start++) {
    const known = KnownDeaths.open(paths, BUILD, HOUR);
    t.deepEqual([known.unclean, known.lastIsNamed(), known.of(1 as Eid)], [false, false, []]);
    endInOrder(paths);
    t.false(existsSync(paths.deaths));
  }
});

test('a death is known to the next processes for a day, and who died last only to the next', t => {
  const paths = scratch(t);
  KnownDeaths.open(paths, BUILD, HOUR);
  noteDeath(paths, entry(7), BUILD, 2 * HOUR);
  const next = KnownDeaths.open(paths, BUILD, 3 * HOUR);
  t.deepEqual([next.unclean, next.lastIsNamed(), next.of(7 as Eid)], [true, true, [2 * HOUR]]);
  const later = KnownDeaths.open(paths, BUILD, 4 * HOUR);
  t.deepEqual([later.unclean, later.lastIsNamed(), later.of(7 as Eid)], [true, false, [2 * HOUR]]);
  endInOrder(paths);
  t.deepEqual(KnownDeaths.open(paths, BUILD, 25 * HOUR).of(7 as Eid), [2 * HOUR]);
  endInOrder(paths);
  t.deepEqual(KnownDeaths.open(paths, BUILD, 27 * HOUR).of(7 as Eid), []);
});

test('a first turn is known by its address, to the same build', t => {
  const paths = scratch(t);
  KnownDeaths.open(paths, BUILD, HOUR);
  noteDeath(paths, entry(7, { namespace: 'default', id: '__proto__' }), BUILD, 2 * HOUR);
  t.deepEqual(KnownDeaths.open(paths, BUILD, 3 * HOUR).ofStart('default', '__proto__'), [2 * HOUR]);
  const other = KnownDeaths.open(paths, 'other', 3 * HOUR);
  t.deepEqual(other.ofStart('default', '__proto__'), []);
  t.deepEqual(other.ofStart('other', '__proto__'), []);
});

test('who was on the stage when a process ended without a word is named once, by the image of it', t => {
  const paths = scratch(t);
  KnownDeaths.open(paths, BUILD, HOUR);
  const stage = new SharedStage();
  stage.enterStart(7 as Eid, 'default', 'a');
  writeFileSync(paths.image, stage.image());
  const known = KnownDeaths.open(paths, BUILD, 2 * HOUR);
  t.deepEqual([known.lastIsNamed(), known.of(7 as Eid), known.ofStart('default', 'a')], [true, [2 * HOUR], [2 * HOUR]]);
  t.deepEqual(KnownDeaths.open(paths, BUILD, 3 * HOUR).of(7 as Eid), [2 * HOUR]);
});

test('a traced stage is in the file as it changes, and nobody is once the trace has ended', t => {
  const paths = scratch(t);
  KnownDeaths.open(paths, BUILD, HOUR);
  const stage = new TracedStage(paths.image);
  stage.enterTurn(7 as Eid, 3);
  t.deepEqual(KnownDeaths.open(paths, BUILD, 2 * HOUR).of(7 as Eid), [2 * HOUR]);
  const next = new TracedStage(paths.image);
  next.enterBody(8 as Eid, 3);
  next.leave();
  next.enterTurn(9 as Eid, 0);
  next.endTrace();
  next.endTrace();
  next.enterTurn(10 as Eid, 0);
  const known = KnownDeaths.open(paths, BUILD, 3 * HOUR);
  t.deepEqual(
    [8, 9, 10].flatMap(eid => known.of(eid as Eid)),
    [],
  );
});

test('a line that was cut off, or is something else, says nothing, and those behind it count', t => {
  const paths = scratch(t);
  KnownDeaths.open(paths, BUILD, HOUR);
  appendFileSync(paths.deaths, '{"eid":6,"at":1\n[]\nnull\n"x"\n{"eid":"6","at":1}\n{"eid":7,"at":36');
  noteDeath(paths, entry(8), BUILD, 2 * HOUR);
  const known = KnownDeaths.open(paths, BUILD, 3 * HOUR);
  t.deepEqual([known.of(6 as Eid), known.of(7 as Eid), known.of(8 as Eid)], [[], [], [2 * HOUR]]);
});
