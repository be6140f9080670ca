import test from 'ava';
import { systemChance } from './system-chance.ts';

test('ids are UUIDs of version 7, all different, and sort by when they were made', t => {
  const ids = Array.from({ length: 5_000 }, () => systemChance.uuid());
  for (const id of ids) t.regex(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.is(new Set(ids).size, ids.length);
  const times = ids.map(id => id.slice(0, 13));
  t.deepEqual(times, times.toSorted());
});
