import { performance } from 'node:perf_hooks';
import { setImmediate, setTimeout } from 'node:timers';
import type { Clock, LogLevel } from '@dfnsjs/actor-core/ports';
import { Station } from '../conformance/index.ts';
import { openWire } from '../open.ts';
import type { Wire } from '../wire.ts';

/** The process's own: servers know no other. */
export const realClock: Clock = {
  elapsed: () => performance.now(),
  now: () => performance.timeOrigin + performance.now(),
  setTimer(at, fn) {
    const timer = setTimeout(fn, at - realClock.now());
    return { cancel: () => clearTimeout(timer) };
  },
  hop: fn => void setImmediate(fn),
  lag: () => 0,
  afterMicrotasks: fn => queueMicrotask(fn),
};

/** Wires of one cluster, and what they logged. */
export class Scene {
  readonly lines: { readonly level: LogLevel; readonly message: string }[] = [];
  readonly #wires: Wire[] = [];
  readonly #cluster: string;

  readonly #clock: Clock;

  constructor(cluster = 'test', clock = realClock) {
    this.#cluster = cluster;
    this.#clock = clock;
  }

  async wire(url: string): Promise<Wire> {
    const log = { write: (level: LogLevel, message: string) => void this.lines.push({ level, message }) };
    const chance = { random: () => 0.5, uuid: () => 'unused' };
    const wire = await openWire(url, { cluster: this.#cluster, clock: this.#clock, chance, log });
    this.#wires.push(wire);
    return wire;
  }

  /** An open one. */
  async station(url: string, name: string): Promise<Station> {
    const station = new Station(await this.wire(url), name);
    await station.open();
    return station;
  }

  said(level: LogLevel): string[] {
    return this.lines.filter(line => line.level === level).map(({ message }) => message);
  }

  async close(): Promise<void> {
    await Promise.all(this.#wires.map(wire => wire.close()));
  }
}
