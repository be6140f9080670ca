import { execFile } from 'node:child_process';
import { appendFile, cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { packages, testLibraries } from '../../floors.config.js';

const ROOT = join(import.meta.dirname, '../..');
const CHECK = join(import.meta.dirname, 'floors.ts');

/** A copy of the sources, in which packages find each other as in the workspace. */
async function copyOfTheHouse(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'dfns-floors-'));
  await cp(join(ROOT, 'floors.config.js'), join(copy, 'floors.config.js'));
  await writeFile(join(copy, 'package.json'), '{ "type": "module" }');
  for (const group of ['packages', 'apps']) {
    for (const name of await readdir(join(ROOT, group))) {
      await cp(join(ROOT, group, name, 'src'), join(copy, group, name, 'src'), { recursive: true });
      await cp(join(ROOT, group, name, 'package.json'), join(copy, group, name, 'package.json'));
    }
  }
  await mkdir(join(copy, 'node_modules/@dfnsjs'), { recursive: true });
  for (const name of await readdir(join(copy, 'packages'))) {
    await symlink(join(copy, 'packages', name), join(copy, 'node_modules/@dfnsjs', name));
  }
  await symlink(join(copy, 'apps/node'), join(copy, 'node_modules/@dfnsjs/node'));
  for (const name of ['lint-parser', 'nats-server', 'postgres-server']) {
    await symlink(join(ROOT, 'tests', name), join(copy, 'node_modules/@dfnsjs', name));
  }
  const libraries = [...testLibraries, ...Object.values(packages).flatMap(table => Object.keys(table.libraries))];
  // Scopes are linked whole.
  for (const name of new Set(['@types', ...libraries.map(library => library.split('/')[0]!)])) {
    if (name === '@dfnsjs') continue;
    await symlink(join(ROOT, 'node_modules', name), join(copy, 'node_modules', name));
  }
  return copy;
}

function check(house: string): Promise<{ failed: boolean; said: string }> {
  return new Promise(resolve => {
    execFile(process.execPath, [CHECK], { cwd: house }, (error, stdout, stderr) =>
      resolve({ failed: error !== null, said: stderr + stdout }),
    );
  });
}

async function seed(house: string, files: Record<string, string>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(house, file)), { recursive: true });
    await appendFile(join(house, file), `\n${text}\n`);
  }
}

const core = 'packages/actor-core/src';

/** Faults that fit into one house together, each in a file of its own. */
const faults: { title: string; files: Record<string, string>; says: RegExp }[] = [
  {
    title: 'an import of a higher floor',
    files: { [`${core}/ids/climbs.ts`]: "import '../engine/top.ts';", [`${core}/engine/top.ts`]: 'export {};' },
    says: /ids\/climbs\.ts → .*top\.ts\n.*floor 2: ids imports itself and lower floors\./,
  },
  {
    title: 'an import of a room on the same floor, of types alone',
    files: { [`${core}/time/beside.ts`]: "import type { Eid } from '../ids/ids.ts'; export type Of = Eid;" },
    says: /time\/beside\.ts → .*ids\.ts\n.*floor 2: time imports itself/,
  },
  {
    title: 'a test that reaches above its floor',
    files: { [`${core}/bounds.test.ts`]: "import 'ava'; import './seeded-random.ts';" },
    says: /bounds\.test\.ts → .*\n.*floor 1: errors, bounds imports itself and lower floors/,
  },
  {
    title: 'a suite that reaches into its package',
    files: {
      'packages/storage/src/conformance/reaches.ts': "import '../blobs/file.ts';",
      'packages/storage/src/blobs/file.ts': 'export {};',
    },
    says: /conformance\/reaches\.ts → .*\n.*suites: conformance imports nothing else/,
  },
  {
    title: 'code that imports a suite',
    files: {
      'packages/storage/src/blobs/tests-itself.ts': "import '../conformance/all.ts';",
      'packages/storage/src/conformance/all.ts': 'export {};',
    },
    says: /blobs\/tests-itself\.ts → .*\n.*floor 2: blobs imports itself/,
  },
  {
    title: 'a circle through a re-export',
    files: {
      [`${core}/ids/round.ts`]: "export type { B } from './about.ts'; export interface A { n: number }",
      [`${core}/ids/about.ts`]: "export * from './round.ts'; export interface B { n: number }",
    },
    says: /ids\/round\.ts → .*about\.ts.*\n.*no circle/,
  },
  {
    title: 'an import of a package that stands above',
    files: { [`${core}/ids/outward.ts`]: "import '@dfnsjs/client';" },
    says: /ids\/outward\.ts → packages\/client\/.*\n.*actor-core imports nothing of this repository/,
  },
  {
    title: 'an import past the entry points of a package',
    files: { 'packages/client/src/operations/digs.ts': "import '../../../actor-core/src/ids/name.ts';" },
    says: /digs\.ts → .*\n.*packages\/client imports only packages\/actor-core of this repository/,
  },
  {
    title: 'an entry point imported by a path',
    files: { 'packages/client/src/operations/walks.ts': "import '../../../actor-core/src/records.ts';" },
    says: /walks\.ts → .*\n.*imported by its name, not by a path/,
  },
  {
    title: 'an entry point imported by its own package',
    files: { [`${core}/ids/inward.ts`]: "import '../records.ts';" },
    says: /inward\.ts → .*\n.*Nothing within packages\/actor-core imports its entry points/,
  },
  {
    title: 'a wider test that reaches into a package',
    files: { 'tests/wide.ts': "import '../packages/actor-core/src/ids/name.ts';" },
    says: /tests\/wide\.ts → .*\n.*From outside, a package is its entry points/,
  },
  {
    title: 'a library in a second room',
    files: { 'packages/storage/src/memory/heavy.ts': "import 'better-sqlite3';" },
    says: /heavy\.ts → .*\n.*better-sqlite3 is imported in packages\/storage\/src\/\{sqlite\} only/,
  },
  {
    title: 'a library that is not in the table',
    files: { 'packages/client/src/operations/packs.ts': "import 'msgpackr';" },
    says: /packs\.ts → .*\n.*packages\/client imports only zod of all libraries/,
  },
  {
    title: 'a library of tests in code',
    files: { 'packages/client/src/operations/asserts.ts': "import 'ava';" },
    says: /asserts\.ts → .*\n.*packages\/client imports only zod of all libraries/,
  },
  {
    title: 'a module of Node in the core',
    files: { [`${core}/ids/nodeish.ts`]: "import type { Hash } from 'node:crypto'; export type H = Hash;" },
    says: /nodeish\.ts → .*crypto\n.*actor-core runs in browsers too/,
  },
  {
    title: 'a file without a floor',
    files: { [`${core}/utils/text.ts`]: 'export {};' },
    says: /utils\/text\.ts\n.*Every file stands on a floor/,
  },
  {
    title: 'an import of nothing',
    files: { [`${core}/ids/lost.ts`]: "import './nowhere.ts';" },
    says: /lost\.ts → .*nowhere\.ts\n.*Every import is found/,
  },
  {
    title: 'a test that is imported',
    files: { [`${core}/time/leans.ts`]: "import './leans.test.ts';", [`${core}/time/leans.test.ts`]: 'export {};' },
    says: /leans\.ts → .*\n.*Nothing imports a test/,
  },
];

let ruin = { failed: false, said: '' };

test.before(async t => {
  const house = await copyOfTheHouse();
  for (const { files } of faults) await seed(house, files);
  ruin = await check(house);
  await rm(house, { recursive: true });
  t.true(ruin.failed);
});

for (const { title, says } of faults) {
  test(`${title} is found`, t => {
    t.regex(ruin.said, says);
  });
}

const alone = test.macro(async (t, files: Record<string, string>, says: RegExp | null) => {
  const house = await copyOfTheHouse();
  t.teardown(() => rm(house, { recursive: true }));
  await seed(house, files);
  const { failed, said } = await check(house);
  t.is(failed, says !== null, said);
  t.regex(said, says ?? /^floors: [1-9]\d+ modules, [1-9]\d+ imports, 0 problems$/m);
});

test('the house as it is stands', alone, {}, null);

test(
  'what may be imported is not refused',
  alone,
  {
    'packages/client/src/connect.ts': "import '@dfnsjs/actor-core/records'; import './operations/reads.ts';",
    'packages/client/src/operations/reads.ts': "import 'zod';",
    'packages/storage/src/sqlite/opens.test.ts':
      "import 'ava'; import 'better-sqlite3'; import 'node:fs'; import '../conformance/all.ts';",
    'packages/storage/src/conformance/all.ts': "import '@dfnsjs/actor-core/ports';",
    'tests/wide.ts': "import '@dfnsjs/actor-core/records';",
  },
  null,
);

test(
  'one wrong import fails the check',
  alone,
  { [`${core}/ids/climbs.ts`]: "import '../ports/clock.ts';" },
  /ids imports itself and lower floors[^]*\n.*imports, 1 problems$/m,
);

test(
  'one circle of types fails the check',
  alone,
  {
    [`${core}/ids/round.ts`]: "import type { B } from './about.ts'; export interface A { b?: B }",
    [`${core}/ids/about.ts`]: "import type { A } from './round.ts'; export interface B { a?: A }",
  },
  /ids\/round\.ts → .*about\.ts.*\n.*no circle/,
);

test('sources that are not seen fail the check', async t => {
  const house = await copyOfTheHouse();
  t.teardown(() => rm(house, { recursive: true }));
  for (const group of ['packages', 'apps']) {
    for (const name of await readdir(join(house, group))) {
      await rm(join(house, group, name, 'src'), { recursive: true });
    }
  }
  const { failed, said } = await check(house);
  t.true(failed);
  t.regex(said, /packages\/actor-core\n {2}No module was found here[^]*^floors: 0 modules/m);
});
