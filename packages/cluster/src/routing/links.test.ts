import type { Epoch, ShardId } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { IncomingLinks, OutgoingLinks, type LinkName } from './links.ts';

const link = (fromEpoch = 1, toEpoch = 1): LinkName => ({
  from: 3 as ShardId,
  fromEpoch: fromEpoch as Epoch,
  to: 5 as ShardId,
  toEpoch: toEpoch as Epoch,
});

/** A link whose inbox was read with its first message. */
function opened(name = link()): IncomingLinks<string> {
  const links = new IncomingLinks<string>();
  links.arrive(name, 1, 'a');
  links.beginRead(name);
  links.endRead(name);
  return links;
}

test('numbers go on while neither shard changes hands, and begin anew when one does', t => {
  const links = new OutgoingLinks();
  t.deepEqual([links.next(link()), links.next(link()), links.next(link())], [1, 2, 3]);
  t.is(links.next({ ...link(), to: 6 as ShardId }), 1);
  t.is(links.next(link(2)), 1);
  t.is(links.next(link(2)), 2);
  t.is(links.next(link(2, 2)), 1);
});

test('a new link waits for the inbox, which brings what came before and its first message too', t => {
  const links = new IncomingLinks<string>();
  t.is(links.arrive(link(), 4, 'd'), 'read');
  t.is(links.arrive(link(), 5, 'e'), 'wait');
  links.beginRead(link());
  t.is(links.arrive(link(), 6, 'f'), 'wait', 'after the reading began');
  t.deepEqual(links.endRead(link()), { deliver: ['f'], again: false });
  t.is(links.arrive(link(), 7, 'g'), 'deliver');
});

test('what comes twice or from an earlier owner is dropped', t => {
  const links = opened(link(2, 2));
  t.is(links.arrive(link(2, 2), 1, 'a'), 'drop');
  t.is(links.arrive(link(1, 2), 2, 'old sender'), 'drop');
  t.is(links.arrive(link(2, 1), 2, 'old receiver'), 'drop');
  t.is(links.arrive(link(2, 2), 2, 'b'), 'deliver');
});

test('a gap is closed by the inbox, and what comes meanwhile waits', t => {
  const links = opened();
  t.is(links.arrive(link(), 3, 'c'), 'read');
  links.beginRead(link());
  t.is(links.arrive(link(), 4, 'd'), 'wait');
  t.is(links.arrive(link(), 4, 'd'), 'wait', 'twice');
  t.deepEqual(links.endRead(link()), { deliver: ['d'], again: false });
});

test('a gap that opens while the inbox is read is closed by another reading', t => {
  const links = opened();
  links.arrive(link(), 3, 'c');
  links.beginRead(link());
  links.arrive(link(), 5, 'e');
  t.deepEqual(links.endRead(link()), { deliver: [], again: true });
  links.beginRead(link());
  t.deepEqual(links.endRead(link()), { deliver: [], again: false });
  t.is(links.arrive(link(), 6, 'f'), 'deliver');
});

test('what comes out of order is put in order', t => {
  const links = opened();
  links.arrive(link(), 3, 'c');
  links.beginRead(link());
  links.arrive(link(), 5, 'e');
  links.arrive(link(), 4, 'd');
  t.deepEqual(links.endRead(link()), { deliver: ['d', 'e'], again: false });
});

test('a reading for a link that is another by now delivers nothing', t => {
  const links = new IncomingLinks<string>();
  links.arrive(link(), 1, 'a');
  links.beginRead(link());
  links.arrive(link(2), 1, 'new sender');
  t.deepEqual(links.endRead(link()), { deliver: [], again: false });
  links.dropReceiver(5 as ShardId);
  t.is(links.arrive(link(2), 2, 'b'), 'read', 'the shard came back');
});
