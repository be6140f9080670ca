import type { Incarnation } from '@dfnsjs/actor-core/records';
import type { Wire } from '@dfnsjs/cluster';
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
  isCut(): boolean;
}

export interface Plug {
  connect(): Promise<Wire>;
  /** Cuts the process off, or lets it be reached again. */
  cut(isCut: boolean): void;
  /** The process is dead. */
  remove(): void;
}

/** The wires between the nodes of a world: frames come late, twice, out of order, or never. */
export class Network {
  readonly trouble: Trouble = { lost: 0, doubled: 0, late: 0 };
  readonly #agenda: Agenda;
  readonly #seed: Seed;
  readonly #comesAbout: (what: string) => boolean;
  readonly #endpoints = new Set<Endpoint>();

  /** @param comesAbout whether something that was drawn happens */
  constructor(agenda: Agenda, seed: Seed, comesAbout: (what: string) => boolean) {
    this.#agenda = agenda;
    this.#seed = seed;
    this.#comesAbout = comesAbout;
  }

  /** The way of one process to the others: a wire for each of its incarnations. */
  plug(clock: NodeClock): Plug {
    let isCut = false;
    let endpoint: Endpoint | null = null;
    const listeners: ((connected: boolean) => void)[] = [];
    const connect = async (): Promise<Wire> => {
      const own: Endpoint = { self: null, receive: null, clock, isCut: () => isCut };
      endpoint = own;
      return {
        open: async (self, receive) => {
          own.self = self;
          own.receive = receive;
          this.#endpoints.add(own);
        },
        send: (to, frame) => {
          if (isCut || own.receive === null) return false;
          for (const other of this.#endpoints) if (other.self === to) this.#carry(other, frame);
          return true;
        },
        broadcast: frame => {
          if (isCut || own.receive === null) return false;
          for (const other of this.#endpoints) if (other !== own) this.#carry(other, frame);
          return true;
        },
        get connected() {
          return !isCut && own.receive !== null;
        },
        onConnected: listener => void listeners.push(listener),
        maxBytes: MAX_BYTES,
        close: async () => {
          own.receive = null;
          this.#endpoints.delete(own);
        },
      };
    };
    return {
      connect,
      cut: now => {
        if (isCut === now) return;
        isCut = now;
        for (const listener of listeners) clock.run(() => listener(!now));
      },
      remove: () => {
        if (endpoint) this.#endpoints.delete(endpoint);
      },
    };
  }

  #carry(to: Endpoint, frame: Uint8Array): void {
    if (this.#happens('frame lost', this.trouble.lost)) return;
    const times = this.#happens('frame doubled', this.trouble.doubled) ? 2 : 1;
    for (let i = 0; i < times; i++) {
      const isLate = this.#happens('frame late', this.trouble.late);
      this.#agenda.after(this.#seed.between(0, isLate ? LATE_MS : USUAL_MS), () => {
        if (to.isCut() || to.clock.dead) return;
        to.clock.run(() => to.receive?.(frame));
      });
    }
  }

  #happens(what: string, probability: number): boolean {
    return probability > 0 && this.#seed.chance(probability) && this.#comesAbout(what);
  }
}
