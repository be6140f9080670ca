import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';

test('the demo kills two of its processes, and its order is charged and shipped once', t => {
  const demo = join(import.meta.dirname, '../../examples/order/demo.ts');
  const { stdout, stderr, status } = spawnSync(process.execPath, [demo], { encoding: 'utf8' });
  t.is(status, 0, stderr);
  t.is(stdout.match(/^ {2}SIGKILL/gm)?.length, 2);
  t.regex(stdout, /^ {2}result +\{"charged":147,"approvedBy":"mia","parcel":"parcel 1"\}$/m);
  t.regex(stdout, /the history of order-17, which is completed$/m);
  const bodies = [...stdout.matchAll(/^ {2}process (\d) {2}(\w+) +attempt (\d)/gm)].map(([, ...parts]) =>
    parts.join(' '),
  );
  t.deepEqual(bodies, ['2 charge 1', '2 charge 2', '2 charge 3', '2 ship 1', '3 ship 2']);
  t.regex(stdout, /^The carrier: 1 parcel sent/m);
});
