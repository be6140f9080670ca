import { setImmediate as turn } from 'node:timers/promises';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import type { Wire } from '../wire.ts';

/** A wire whose frames and changes are kept. */
export class Station {
  readonly self: Incarnation;
  readonly wire: Wire;
  readonly frames: Uint8Array[] = [];
  readonly changes: boolean[] = [];

  constructor(wire: Wire, self: string) {
    this.wire = wire;
    this.self = self as Incarnation;
    wire.onConnected(connected => this.changes.push(connected));
  }

  static async open<const Names extends readonly string[]>(
    network: { wire(): Wire },
    ...names: Names
  ): Promise<{ [Each in keyof Names]: Station }> {
    const stations = names.map(name => new Station(network.wire(), name));
    for (const each of stations) await each.open();
    return stations as { [Each in keyof Names]: Station };
  }

  open(): Promise<void> {
    return this.wire.open(this.self, frame => void this.frames.push(frame));
  }

  /** Looks again at each turn of the event loop; the test's own timeout ends it. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await turn();
  }
}
