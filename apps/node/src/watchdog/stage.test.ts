import test from 'ava';
import type { Eid } from '@dfnsjs/actor-core/values';
import { entryOf, SharedStage } from './stage.ts';

test('whoever looks at the memory sees who is on the stage, and that he left', t => {
  const stage = new SharedStage();
  const seen = new SharedStage(stage.memory);
  t.is(seen.entry(), null);
  stage.enterTurn(7 as Eid, 3);
  t.deepEqual(seen.entry(), { eid: 7, command: 3, isBody: false, address: null });
  stage.enterBody(7 as Eid, 4);
  t.deepEqual(seen.entry(), { eid: 7, command: 4, isBody: true, address: null });
  stage.leave();
  t.is(seen.entry(), null);
  t.is(seen.look().entries, 2);
});

test('a run in its first turn has an address, in any script and of any length', t => {
  const stage = new SharedStage();
  const [namespace, id] = ['ж'.repeat(256), '🙂'.repeat(128)];
  stage.enterStart(8 as Eid, namespace, id);
  t.deepEqual(stage.entry(), { eid: 8, command: 0, isBody: false, address: { namespace, id } });
  stage.enterTurn(8 as Eid, 2);
  t.deepEqual(stage.entry()?.address, { namespace, id });
  stage.enterTurn(9 as Eid, 2);
  t.is(stage.entry()?.address, null);
});

test('an image in a file tells the same; what is none shows nobody', t => {
  const stage = new SharedStage();
  stage.enterStart(8 as Eid, 'default', 'a');
  t.deepEqual(entryOf(stage.image())?.address, { namespace: 'default', id: 'a' });
  t.is(entryOf(new Uint8Array()), null);
  t.is(entryOf(new Uint8Array(2_000)), null);
  t.is(entryOf(Uint8Array.from({ length: 90 }, () => 255)), null);
});

test('whoever waits for the first to enter is told so once, before', t => {
  const stage = new SharedStage();
  const seen: (number | undefined)[] = [];
  stage.onFirst(() => seen.push(stage.entry()?.eid));
  stage.enterBody(7 as Eid, 1);
  stage.leave();
  stage.enterStart(8 as Eid, 'default', 'a');
  t.deepEqual(seen, [undefined]);
});
