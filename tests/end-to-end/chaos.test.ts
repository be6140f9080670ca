import test from 'ava';
import { FAULTS } from '../chaos/faults.ts';
import { run } from '../chaos/scenario.ts';

for (const name of ['drain', 'kill']) {
  test(`under load, ${FAULTS[name]!.says}: nothing is lost, doubled or stuck`, async t => {
    t.timeout(240_000);
    const { wrong, notes } = await run(FAULTS[name]!, 12);
    t.deepEqual(wrong, []);
    t.true(notes >= 48);
  });
}
