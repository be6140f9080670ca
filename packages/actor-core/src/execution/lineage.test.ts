import test from 'ava';
import type { RunId } from '../ids/ids.ts';
import { decodeLineage, encodeLineage } from './lineage.ts';

test('a lineage is read as it was written', t => {
  const lineage = { kind: 'retry', from: 'b' as RunId, turns: 3, origin: 'a' as RunId } as const;
  t.deepEqual(decodeLineage(encodeLineage(lineage)), lineage);
});

for (const damaged of ['', '{}', 'null', '{"from":1,"turns":2,"origin":"a"}']) {
  test(`a lineage of ${JSON.stringify(damaged)} is damaged`, t => {
    t.throws(() => decodeLineage(damaged), { code: 'INTERNAL' });
  });
}
