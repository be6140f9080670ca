import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Clock } from '@dfnsjs/actor-core/ports';
import { freePort, type NatsOptions, type NatsServer, startNats } from '@dfnsjs/nats-server';
import test, { type ExecutionContext } from 'ava';
import { conformance, type Station } from '../conformance/index.ts';
import { realClock, Scene } from './scene.test.support.ts';

const shared = startNats();
test.after.always(async () => (await shared).stop());
let networks = 0;

conformance(
  'nats',
  async () => {
    const { url } = await shared;
    const scene = new Scene(`conformance-${++networks}`);
    // A wire is made when it is asked for, and the files of its URL are read before.
    const spare = await Promise.all(Array.from({ length: 8 }, () => scene.wire(url)));
    return { wire: () => spare.pop()!, dispose: () => scene.close() };
  },
  (title, body) => test(title, body),
);

async function start(t: ExecutionContext, options?: NatsOptions): Promise<{ server: NatsServer; scene: Scene }> {
  const server = await startNats(options);
  const scene = new Scene();
  t.teardown(async () => {
    await scene.close();
    await server.stop();
  });
  return { server, scene };
}

/** A frame goes from one to the other, asked for again until it does. */
async function flows(from: Station, to: Station): Promise<void> {
  const before = to.frames.length;
  await to.until(() => {
    if (to.frames.length === before) from.wire.send(to.self, Uint8Array.of(9));
    return to.frames.length > before;
  });
}

test('a server that is killed under load and comes back: nothing is taken meanwhile, then frames flow again', async t => {
  const { server, scene } = await start(t);
  const [a, b] = [await scene.station(server.url, 'a'), await scene.station(server.url, 'b')];
  const frame = new Uint8Array(10_000);
  await b.until(() => {
    a.wire.send(b.self, frame);
    return b.frames.length > 100;
  });
  await server.kill();
  for (const each of [a, b]) {
    await each.until(() => {
      a.wire.send(b.self, frame);
      return !each.wire.connected;
    });
  }
  t.false(a.wire.send(b.self, frame));
  t.false(a.wire.broadcast(frame));
  const came = b.frames.length;
  await server.restart();
  await a.until(() => a.wire.connected && b.wire.connected);
  t.is(b.frames.length, came, 'nothing was kept to be sent later');
  await flows(a, b);
  await flows(b, a);
  t.deepEqual(
    [a.changes, b.changes],
    [
      [true, false, true],
      [true, false, true],
    ],
  );
  t.is(scene.said('warn').length, 2, 'each said once that NATS is away');
});

test('a server that stops answering under load: what waits is bounded, the link is given up, and made again', async t => {
  const { server, scene } = await start(t);
  const [a, idle] = [await scene.station(server.url, 'a'), await scene.station(server.url, 'idle')];
  const frame = new Uint8Array(100_000);
  server.pause();
  let taken = 0;
  await a.until(() => {
    if (a.wire.send(idle.self, frame)) taken++;
    return !a.wire.connected && !idle.wire.connected;
  });
  t.true(taken > 10 && taken * frame.length <= 8 * 1024 * 1024, `${taken} frames were taken`);
  server.resume();
  await a.until(() => a.wire.connected && idle.wire.connected);
  await flows(a, idle);
  await flows(idle, a);
});

test('a node that starts while no server is there starts, says so once, and connects when there is one', async t => {
  const port = await freePort();
  const scene = new Scene();
  const a = await scene.station(`nats://127.0.0.1:${port}`, 'a');
  t.deepEqual([a.wire.connected, a.changes, a.wire.send(a.self, Uint8Array.of(1))], [false, [], false]);
  t.is(scene.said('warn').length, 1);
  t.regex(scene.said('warn')[0]!, new RegExp(`NATS is away \\(nats://127.0.0.1:${port}: .*ECONNREFUSED`));
  const server = await startNats({ port });
  t.teardown(async () => {
    await scene.close();
    await server.stop();
  });
  await a.until(() => a.wire.connected);
  const b = await scene.station(server.url, 'b');
  await flows(b, a);
  t.is(scene.said('warn').length, 1);
});

test('a server that accepts and never answers is tried again and again, one connection at a time', async t => {
  const open = new Set<Socket>();
  let accepted = 0;
  const silent = createServer(socket => {
    accepted++;
    open.add(socket);
    socket
      .on('error', () => undefined)
      .on('close', () => open.delete(socket))
      .resume();
  }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const scene = new Scene();
  const { port } = silent.address() as { port: number };
  const a = await scene.station(`nats://127.0.0.1:${port}`, 'a');
  t.false(a.wire.connected);
  await a.until(() => accepted === 3);
  t.true(open.size <= 1, `${open.size} connections are open`);
  await scene.close();
  await a.until(() => open.size === 0);
  silent.close();
  t.is(scene.said('warn').length, 1);
});

test('where one of several servers is gone, another is used', async t => {
  const { server, scene } = await start(t);
  const url = `nats://127.0.0.1:${await freePort()},127.0.0.1:${server.port}`;
  const [a, b] = [await scene.station(url, 'a'), await scene.station(server.url, 'b')];
  t.deepEqual([a.wire.connected, scene.said('warn')], [true, []]);
  await flows(a, b);
});

test('the largest frame is what the server takes now', async t => {
  const { server, scene } = await start(t, { settings: 'max_payload: 4096' });
  const a = await scene.station(server.url, 'a');
  t.is(a.wire.maxBytes, 4096);
  t.throws(() => a.wire.send(a.self, new Uint8Array(4097)), { code: 'LIMIT_EXCEEDED', message: /4097 .* 4096/ });
  await server.kill();
  await server.restart('max_payload: 64MB\nmax_pending: 128MB');
  await a.until(() => a.changes.length === 3);
  t.is(a.wire.maxBytes, 8 * 1024 * 1024, 'no more than may wait');
  const b = await scene.station(server.url, 'b');
  t.true(a.wire.send(b.self, new Uint8Array(a.wire.maxBytes)));
  await b.until(() => b.frames.length > 0);
});

test('clusters of one server hear nothing of each other', async t => {
  const { server, scene } = await start(t);
  const other = new Scene('other');
  t.teardown(() => other.close());
  const [a, b, c] = [
    await scene.station(server.url, 'a'),
    await scene.station(server.url, 'b'),
    await other.station(server.url, 'b'),
  ];
  a.wire.broadcast(Uint8Array.of(1));
  await flows(a, b);
  const d = await other.station(server.url, 'd');
  d.wire.send(c.self, Uint8Array.of(2));
  await c.until(() => c.frames.length > 0);
  t.deepEqual(
    c.frames.map(frame => frame[0]),
    [2],
  );
});

test('a receiver that throws loses its frame, not those behind it', async t => {
  const { server, scene } = await start(t);
  const wire = await scene.wire(server.url);
  const came: number[] = [];
  await wire.open('a' as never, frame => {
    came.push(frame[0]!);
    if (came.length === 1) throw new Error('no');
  });
  const b = await scene.station(server.url, 'b');
  b.wire.send('a' as never, Uint8Array.of(1));
  b.wire.send('a' as never, Uint8Array.of(2));
  await b.until(() => came.length === 2);
  t.deepEqual([came, scene.said('error').length], [[1, 2], 1]);
});

test('one that is closed while no server is there tries no more', async t => {
  const armed = new Set<object>();
  const clock: Clock = {
    ...realClock,
    setTimer(at, fn) {
      const mine = {};
      armed.add(mine);
      const timer = realClock.setTimer(at, () => {
        armed.delete(mine);
        fn();
      });
      return {
        cancel() {
          armed.delete(mine);
          timer.cancel();
        },
      };
    },
  };
  const a = await new Scene('test', clock).station(`nats://127.0.0.1:${await freePort()}`, 'a');
  t.is(armed.size, 1);
  await a.wire.close();
  t.is(armed.size, 0);
});
