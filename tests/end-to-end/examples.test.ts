import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const EXAMPLES = join(import.meta.dirname, '../../examples');

/** The last line of each example that `node examples/NAME/main.ts` runs. */
const LAST_LINES: Readonly<Record<string, RegExp>> = {
  agent: /^3 turns: A leap year has 8784 hours\.$/,
  approval: /^expense-1 paid by mia, expense-2 declined by mia$/,
  subscription: /^ended after 120 months, 1020 € paid$/,
  thumbnails: /^9996 thumbnails, 4 files without one: notes-9\.txt, /,
  webhook: /^purchase-17 shipped: 3 payments of 8 deliveries, 100 €$/,
};

const found = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('main.ts'));

test('each example with a program is run here', t => {
  t.deepEqual(new Set(found.map(path => path.split(/[\\/]/)[0])), new Set(Object.keys(LAST_LINES)));
});

for (const [name, line] of Object.entries(LAST_LINES)) {
  test(`the example ${name} runs by one command`, async t => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(EXAMPLES, name, 'main.ts')]);
    t.is(stderr, '');
    t.regex(stdout.trimEnd().split('\n').at(-1)!, line);
  });
}
