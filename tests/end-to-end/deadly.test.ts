import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Child } from './child.ts';
import { Ledger } from './ledger.ts';
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
    const folder = scratch(t);
    const path = join(folder, 'app.db');
    const ledger = new Ledger(join(folder, 'ledger'));
    let died = -1;
    while (!ledger.lines().includes('all closed')) {
      const child = new Child(t, 'deadly.ts', `sqlite:${path}`, ledger.path, kind);
      await child.ended;
      died++;
      if (died > 10) return t.fail(`it dies on: ${child.errors}`);
    }
    t.is(died, deaths);
    t.true(ledger.lines().includes('held CRASH_LOOP'));
    t.false(existsSync(`${path}-deaths-image`));
  });
}
