import { startNode } from 'dfns';
import { progress, thumbnails } from './thumbnails.ts';

/** node examples/thumbnails/main.ts: 10,000 pictures, and how far they are. */
const pictures = Array.from({ length: 10_000 }, (_, i) => (i % 2_500 === 9 ? `notes-${i}.txt` : `picture-${i}.jpg`));

const node = await startNode({ workflows: [thumbnails], store: 'memory:', log: 'error' });
const handle = await node.client.start(thumbnails, pictures);
for (const part of [0.25, 0.5, 0.75]) {
  const at = await handle.waitFor(progress, ({ done, failed, total }) => done + failed >= part * total);
  console.log(`${String(Math.floor((100 * (at.done + at.failed)) / at.total)).padStart(3)} %`);
}
const { done, failed, unreadable } = await handle.result();
console.log(`${done} thumbnails, ${failed} files without one: ${unreadable.join(', ')}`);
await node.stop();
