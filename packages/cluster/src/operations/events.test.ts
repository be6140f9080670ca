import test from 'ava';
import { changeOf, type Change } from '@dfnsjs/actor-core/ports';
import type { Eid, RunId } from '@dfnsjs/actor-core/records';
import { Cursors } from '../events/cursors.ts';
import { EventFeed } from '../events/event-feed.ts';
import type { OperationContext } from './context.ts';
import { eventOperations } from './events.ts';

const clock = { now: () => 0, elapsed: () => 0, setTimer: () => ({ cancel: () => undefined }) };
let made = 0;

/** The events of one start of a node. */
function scene() {
  const name = String(made++);
  const feed = new EventFeed({ clock, name, hear: () => undefined, kept: 5_000 });
  const { events } = eventOperations({ feed, cursors: new Cursors(name) } as unknown as OperationContext);
  const change = (id: string, kind: Change['kind'] = 'started') => {
    const run = {
      ...{ first: 1 as Eid, namespace: 'default', id, runId: 'r' as RunId, workflow: 'w', version: 1 },
      ...{ startedAt: 0, attributes: null },
    };
    feed.own.changed(changeOf(run, { kind, status: 'running', turn: 1, at: 0 }));
  };
  const listen = (lastEventId?: string, id?: string) =>
    events({ namespace: 'default', id, lastEventId })[Symbol.asyncIterator]();
  return { feed, change, listen };
}

test('the first item says where the stream stands: cut before any event, it goes on from there', async t => {
  const { change, listen } = scene();
  const { value: first } = await listen().next();
  t.is(first.event, undefined);
  change('a');
  const again = listen(first.cursor);
  t.is((await again.next()).value.event, undefined);
  t.like((await again.next()).value.event, { type: 'started', id: 'a' });
});

test('a gap comes with the first cursor after it, so that no cut can lose it', async t => {
  const before = await scene().listen().next();
  const { change, listen } = scene();
  const { value: reset } = await listen(before.value.cursor).next();
  t.deepEqual(reset.event, { type: 'reset' });
  change('a');
  const again = listen(reset.cursor);
  t.is((await again.next()).value.event, undefined);
  t.like((await again.next()).value.event, { type: 'started', id: 'a' });
});

test('where little is of interest the stream says now and then where it stands', async t => {
  const { change, listen } = scene();
  const items = listen(undefined, 'rare');
  await items.next();
  for (let n = 0; n < 4_000; n++) change('common');
  const passed = [];
  for (let n = 0; n < 4; n++) passed.push((await items.next()).value);
  t.deepEqual(
    passed.map(({ event }) => event),
    [undefined, undefined, undefined, undefined],
  );
  for (let n = 0; n < 3_000; n++) change('common');
  change('rare');
  // The cursor of the beginning would be too old by now.
  const again = listen(passed.at(-1).cursor, 'rare');
  await again.next();
  let next = await again.next();
  while (!next.value.event) next = await again.next();
  t.like(next.value.event, { type: 'started', id: 'rare' });
});

test('whoever ends the iteration listens no more', async t => {
  const { feed, listen } = scene();
  let closed = 0;
  const { open } = feed;
  feed.open = async from => {
    const reader = await open.call(feed, from);
    const { close } = reader;
    reader.close = () => {
      closed++;
      close.call(reader);
    };
    return reader;
  };
  const items = listen();
  await items.next();
  await items.return?.();
  t.is(closed, 1);
});
