import test from 'ava';
import { createTestCluster, mockTask, verifyDurable } from 'dfns/testing';
import { makeThumbnail, progress, thumbnails } from './thumbnails.ts';

test('10,000 pictures: what fails once is tried again, what fails for good is named, and progress tells', async t => {
  const pictures = Array.from({ length: 10_000 }, (_, i) => (i % 5_000 === 9 ? `notes-${i}.txt` : `picture-${i}.jpg`));
  const cluster = await createTestCluster({ workflows: [thumbnails] });
  const handle = await cluster.client.start(thumbnails, pictures);
  const half = await handle.waitFor(progress, ({ done }) => done >= 5_000);
  t.true(half.done < 10_000);
  t.deepEqual(await handle.result(), { done: 9_998, failed: 2, unreadable: ['notes-9.txt', 'notes-5009.txt'] });
  t.deepEqual(await handle.query(progress), { done: 9_998, failed: 2, total: 10_000 });
  await cluster.stop();
});

test('a crash in the midst costs those in hand and no more', async t => {
  const making = mockTask(makeThumbnail).takes('1s').returns();
  const cluster = await createTestCluster({ workflows: [thumbnails], mocks: [making] });
  const pictures = Array.from({ length: 450 }, (_, i) => `picture-${i}.jpg`);
  const handle = await cluster.client.start(thumbnails, pictures);
  await handle.waitFor(progress, ({ done }) => done === 200);
  await cluster.crash();
  t.is((await handle.result()).done, 450);
  t.is(making.calls.filter(({ attempt }) => attempt === 1).length, 450);
  t.true(making.calls.length <= 650);
  await cluster.stop();
});

test('it comes to the same wherever it is lost', async t => {
  t.deepEqual(await verifyDurable(thumbnails, ['a.jpg', 'b.txt', '7.jpg']), {
    done: 2,
    failed: 1,
    unreadable: ['b.txt'],
  });
});
