import { writeSync } from 'node:fs';
import { Scene } from '../conformance/scene.ts';
import { openSqlite } from './open.ts';

/** A process that holds a store and commits until it is killed; it prints each batch once that is acknowledged. */
const ACTORS = 8;
const store = await openSqlite(process.argv[2]!, { clock: () => 1_700_000_000_000, mode: 'main' });
const scene = await Scene.join(store);
const actors = Array.from({ length: ACTORS }, (_, n) => n + 1);
await scene.given(...actors.map(n => scene.start(n)));
for (let seq = 1; ; seq++) {
  writeSync(1, `${scene.eid(1)} ${seq}\n`);
  await scene.given(...actors.map(n => scene.turn(n, seq, { accepts: [scene.message(n, seq)] })));
}
