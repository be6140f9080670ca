import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Child } from './child.ts';
import { Ledger } from './ledger.ts';
import { postgresStore } from './postgres-stores.ts';
import { scratch } from './scratch.ts';

/** Deaths until the culprit is held: five that name it, and one before where nothing can be seen of the first. */
const KINDS = [
  ['a synchronous loop', 'loop', 5],
  ['a loop on microtasks', 'microtasks', 5],
  ['one that exhausts memory', 'memory', 5],
  ['one that calls process.exit', 'exit', 5],
  ['one that kills its process', 'kill', 6],
  ['a task whose body loops', 'body', 5],
  ['one that loops in its first turn', 'start', 5],
] as const;

for (const [title, kind, deaths] of KINDS) {
  test(`crash-loop: ${title} is held after it took its process down, and its neighbours finish`, async t => {
    t.timeout(300_000);
    const path = join(scratch(t), 'app.db');
    await diesAndIsHeld(t, `sqlite:${path}`, kind, deaths);
    t.false(existsSync(`${path}-deaths-image`));
  });
}

/** One that the watchdog stops, and one that it is asked to note: of a sudden end a store that nodes share has no name. */
for (const [title, kind, deaths] of KINDS.filter(([, kind]) => kind === 'loop' || kind === 'exit')) {
  test.serial(`crash-loop: ${title} is held on a store that nodes share, and its neighbours finish`, async t => {
    t.timeout(300_000);
    const { store, run } = await postgresStore();
    await diesAndIsHeld(t, store, kind, deaths);
    const named = await run('SELECT eid FROM dfns.death');
    t.is(named.length, deaths);
    t.is(new Set(named.map(({ eid }) => String(eid))).size, 1);
  });
}

/** Starts the program again and again, until all but the culprit are done. */
async function diesAndIsHeld(t: ExecutionContext, store: string, kind: string, deaths: number): Promise<void> {
  const ledger = new Ledger(join(scratch(t), 'ledger'));
  let died = -1;
  while (!ledger.lines().includes('all closed')) {
    const child = new Child(t, 'deadly.ts', store, ledger.path, kind);
    await child.ended;
    died++;
    if (died > 10) return t.fail(`it dies on: ${child.errors}`);
  }
  t.is(died, deaths);
  t.true(ledger.lines().includes('held CRASH_LOOP'));
}
