import type { Incarnation } from '@dfnsjs/actor-core/records';
import type { Agenda } from './agenda.ts';
import type { NodeClock } from './clock.ts';
import type { Seed } from './seed.ts';

const USUAL_MS = 3;
const LATE_MS = 3_000;
const MAX_BYTES = 64 * 1024;

/** How likely each thing is to happen to a frame, 0 to 1. */
export interface Trouble {
  lost: number;
  doubled: number;
  /** It comes later than those that are sent after it. */
  late: number;
}

interface Endpoint {
  self: Incarnation | null;
  receive: ((frame: Uint8Array) => void) | null;
  readonly clock: NodeClock;
  /** Nothing comes or goes. */
  cut: boolean;
  readonly listeners: ((connected: boolean) => void)[];
}

/** The wires between the nodes of a world: frames come late, twice, out of order, or never. */
export class Network {
  readonly trouble: Trouble = { lost: 0, doubled: 0, late: 0 };
  readonly #agenda: Agenda;
  readonly #seed: Seed;
  readonly #count: (what: string) => void;
  readonly #endpoints = new Set<Endpoint>();

  constructor(agenda: Agenda, seed: Seed, count: (what: string) => void) {
    this.#agenda = agenda;
    this.#seed = seed;
    this.#count = count;
  }

  /** The wire of one process. */
  wire(clock: NodeClock) {
    const endpoint: Endpoint = { self: null, receive: null, clock, cut: false, listeners: [] };
    this.#endpoints.add(endpoint);
    const wire = {
      open: async (self: Incarnation, receive: (frame: Uint8Array) => void) => {
        endpoint.self = self;
        endpoint.receive = receive;
      },
      send: (to: Incarnation, frame: Uint8Array) => {
        if (endpoint.cut) return false;
        for (const other of this.#endpoints) if (other.self === to) this.#carry(other, frame);
        return true;
      },
      broadcast: (frame: Uint8Array) => {
        if (endpoint.cut) return false;
        for (const other of this.#endpoints) this.#carry(other, frame);
        return true;
      },
      get connected() {
        return !endpoint.cut;
      },
      onConnected: (listener: (connected: boolean) => void) => void endpoint.listeners.push(listener),
      maxBytes: MAX_BYTES,
      close: async () => void this.#endpoints.delete(endpoint),
      /** Cuts the node off, or lets it be reached again. */
      cut: (isCut: boolean) => {
        if (endpoint.cut === isCut) return;
        endpoint.cut = isCut;
        for (const listener of endpoint.listeners) clock.run(() => listener(!isCut));
      },
    };
    return wire;
  }

  #carry(to: Endpoint, frame: Uint8Array): void {
    if (this.#happens('frame lost', this.trouble.lost)) return;
    const times = this.#happens('frame doubled', this.trouble.doubled) ? 2 : 1;
    for (let i = 0; i < times; i++) {
      const isLate = this.#happens('frame late', this.trouble.late);
      this.#agenda.after(this.#seed.between(0, isLate ? LATE_MS : USUAL_MS), () => {
        if (to.cut || to.clock.dead) return;
        to.clock.run(() => to.receive?.(frame));
      });
    }
  }

  #happens(what: string, probability: number): boolean {
    if (probability === 0 || !this.#seed.chance(probability)) return false;
    this.#count(what);
    return true;
  }
}
