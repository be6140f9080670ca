import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

test('the demo of a cluster kills a node under load, and no signal is lost or doubled', async t => {
  t.timeout(180_000);
  const demo = join(import.meta.dirname, '../../examples/cluster/demo.ts');
  // It exits with 1 where something is wrong.
  const { stdout } = await promisify(execFile)(process.execPath, [demo]);
  t.regex(stdout, /SIGKILL {3}node B/);
  t.regex(stdout, /each taken once and in order by 40 of 40 parcels$/m);
  t.regex(stdout, /^Bodies of "hand-over" that began: 40 for 40 parcels, each once$/m);
  const answered = Number(/^Signals answered: (\d+)/m.exec(stdout)?.[1]);
  t.true(answered > 40);
});
