import assert from 'node:assert/strict';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import type { Wire } from '../wire.ts';
import { Station } from './station.ts';

export { Station } from './station.ts';

/** A fresh network for one case. */
export interface Network {
  /** Another wire of it, not open yet. */
  wire(): Wire;
  dispose(): Promise<void>;
}

interface WireCase {
  readonly name: string;
  run(network: Network): Promise<void>;
}

/** Frames of one byte each, in any order, some may come twice: which came. */
const firstBytes = (station: Station): number[] =>
  [...new Set(station.frames.map(frame => frame[0]!))].toSorted((a, b) => a - b);

const CASES: readonly WireCase[] = [
  {
    name: 'a frame reaches the one that it is for, and nobody else',
    async run(network) {
      const [a, b, c] = await Station.open(network, 'a', 'b', 'c');
      assert.equal(a.wire.send(b.self, Uint8Array.of(1)), true);
      assert.equal(c.wire.send(b.self, Uint8Array.of(2)), true);
      await b.until(() => firstBytes(b).length === 2);
      assert.deepEqual(firstBytes(b), [1, 2]);
      // What was sent to c behind it has come, and it alone.
      assert.equal(a.wire.send(c.self, Uint8Array.of(3)), true);
      await c.until(() => c.frames.length > 0);
      assert.deepEqual([firstBytes(a), firstBytes(c)], [[], [3]]);
    },
  },
  {
    name: 'a broadcast reaches all others, and not oneself',
    async run(network) {
      const [a, b, c] = await Station.open(network, 'a', 'b', 'c');
      assert.equal(a.wire.broadcast(Uint8Array.of(1)), true);
      for (const each of [b, c]) await each.until(() => firstBytes(each).length === 1);
      assert.equal(b.wire.send(a.self, Uint8Array.of(2)), true);
      await a.until(() => a.frames.length > 0);
      assert.deepEqual(firstBytes(a), [2]);
    },
  },
  {
    name: 'a frame to oneself or to nobody is taken and lost',
    async run(network) {
      const [a, b] = await Station.open(network, 'a', 'b');
      assert.equal(a.wire.send('nobody' as Incarnation, Uint8Array.of(1)), true);
      assert.equal(a.wire.send(a.self, Uint8Array.of(2)), true);
      assert.equal(b.wire.send(a.self, Uint8Array.of(3)), true);
      await a.until(() => a.frames.length > 0);
      assert.deepEqual(firstBytes(a), [3]);
    },
  },
  {
    name: 'a frame of maxBytes arrives unchanged, one above it is refused',
    async run(network) {
      const [a, b] = await Station.open(network, 'a', 'b');
      const largest = new Uint8Array(a.wire.maxBytes).map((_, at) => at * 7);
      assert.equal(a.wire.send(b.self, largest), true);
      await b.until(() => b.frames.length > 0);
      assert.equal(Buffer.compare(b.frames[0]!, largest), 0);
      const above = { code: 'LIMIT_EXCEEDED', message: new RegExp(String(largest.length + 1)) };
      assert.throws(() => a.wire.send(b.self, new Uint8Array(largest.length + 1)), above);
      assert.throws(() => a.wire.broadcast(new Uint8Array(largest.length + 1)), above);
    },
  },
  {
    name: 'a wire takes nothing before it is open and after it is closed',
    async run(network) {
      const [b] = await Station.open(network, 'b');
      const wire = network.wire();
      const a = new Station(wire, 'a');
      assert.deepEqual([wire.connected, wire.send(b.self, Uint8Array.of(1))], [false, false]);
      await a.open();
      assert.deepEqual([wire.connected, a.changes], [true, [true]]);
      await assert.rejects(
        wire.open('other' as Incarnation, () => undefined),
        { code: 'VALIDATION' },
      );
      await wire.close();
      assert.deepEqual([wire.connected, wire.send(b.self, Uint8Array.of(2))], [false, false]);
      assert.equal(wire.broadcast(Uint8Array.of(3)), false);
      assert.deepEqual(a.changes, [true, false]);
      await wire.close();
      const [c] = await Station.open(network, 'c');
      c.wire.send(b.self, Uint8Array.of(4));
      await b.until(() => b.frames.length > 0);
      assert.deepEqual(firstBytes(b), [4]);
    },
  },
  {
    name: 'after close nothing arrives',
    async run(network) {
      const [a, b, c] = await Station.open(network, 'a', 'b', 'c');
      for (let each = 0; each < 100; each++) a.wire.send(b.self, Uint8Array.of(1));
      const closing = b.wire.close();
      b.frames.length = 0;
      await closing;
      a.wire.send(b.self, Uint8Array.of(2));
      a.wire.broadcast(Uint8Array.of(3));
      await c.until(() => c.frames.length > 0);
      assert.deepEqual(firstBytes(b), []);
    },
  },
  {
    name: 'what was taken before close arrives',
    async run(network) {
      const [a, b] = await Station.open(network, 'a', 'b');
      for (let each = 0; each < 100; each++) assert.equal(a.wire.send(b.self, Uint8Array.of(each)), true);
      await a.wire.close();
      await b.until(() => firstBytes(b).length === 100);
    },
  },
  {
    name: 'a burst for one that does not read is refused before it is without bound, and later frames flow',
    async run(network) {
      const [a, b] = await Station.open(network, 'a', 'b');
      const frame = new Uint8Array(10_000);
      // No turn of the event loop in between: nobody reads.
      let taken = 0;
      for (let each = 0; each < 10_000; each++) if (a.wire.send(b.self, frame)) taken++;
      assert.ok(taken > 0 && taken * frame.length <= 16 * 1024 * 1024, `${taken} of 10,000 were taken`);
      await b.until(() => b.frames.length >= taken);
      // More than what may wait, again and again: what was read waits no more.
      await b.until(() => {
        a.wire.send(b.self, frame);
        return b.frames.length >= 3 * taken;
      });
    },
  },
];

/**
 * Registers with a test runner all that must hold of a wire. `open` makes a fresh network for each case.
 *
 * ```ts
 * conformance('mine', openMine, (title, body) => test(title, body));
 * ```
 */
export function conformance(
  name: string,
  open: () => Promise<Network>,
  register: (title: string, body: (t: { pass(): void }) => Promise<void>) => void,
): void {
  for (const { name: title, run } of CASES) {
    register(`${name}: ${title}`, async t => {
      const network = await open();
      const opened: Wire[] = [];
      const wire = (): Wire => {
        const made = network.wire();
        opened.push(made);
        return made;
      };
      try {
        await run({ ...network, wire });
        t.pass();
      } finally {
        await Promise.all(opened.map(each => each.close()));
        await network.dispose();
      }
    });
  }
}
