import test from 'ava';
import { FAULTS } from './faults/index.ts';
import { run } from './scenario.ts';

for (const name of ['drain', 'kill', 'cut-off']) {
  test.serial(`under load, ${FAULTS[name]!.says}: nothing is lost, doubled or stuck`, async t => {
    t.timeout(240_000);
    const { wrong, notes } = await run(FAULTS[name]!, 12);
    t.deepEqual(wrong, []);
    t.true(notes >= 48);
  });
}
