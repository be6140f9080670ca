import { DfnsError } from '@dfnsjs/actor-core';
import type { Clock } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import { checkFrameSize } from './frame-size.ts';
import type { Wire } from './wire.ts';

/** As a NATS server has it unless told otherwise. */
const MAX_BYTES = 1024 * 1024;
/** What may wait for one receiver. */
const WAITING_BYTES = 8 * 1024 * 1024;

/** Wires of one process: those of one hub reach each other. Frames are handed on as they are, nothing is copied. */
export class Hub {
  readonly #clock: Pick<Clock, 'hop'>;
  readonly #open = new Map<Incarnation, InProcessWire>();

  constructor(clock: Pick<Clock, 'hop'>) {
    this.#clock = clock;
  }

  wire(): Wire {
    return new InProcessWire(this.#open, this.#clock);
  }
}

class InProcessWire implements Wire {
  readonly maxBytes = MAX_BYTES;
  readonly #hub: Map<Incarnation, InProcessWire>;
  readonly #clock: Pick<Clock, 'hop'>;
  readonly #listeners: ((connected: boolean) => void)[] = [];
  #self: Incarnation | undefined;
  #receive: ((frame: Uint8Array) => void) | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  constructor(hub: Map<Incarnation, InProcessWire>, clock: Pick<Clock, 'hop'>) {
    this.#hub = hub;
    this.#clock = clock;
  }

  get connected(): boolean {
    return this.#receive !== undefined;
  }

  onConnected(listener: (connected: boolean) => void): void {
    this.#listeners.push(listener);
  }

  async open(self: Incarnation, receive: (frame: Uint8Array) => void): Promise<void> {
    if (this.#self !== undefined) throw new DfnsError('VALIDATION', 'The wire was opened before: make another.');
    if (this.#hub.has(self)) throw new DfnsError('ALREADY_EXISTS', `Incarnation ${self} is on the hub already.`);
    this.#self = self;
    this.#receive = receive;
    this.#hub.set(self, this);
    for (const listener of this.#listeners) listener(true);
  }

  send(to: Incarnation, frame: Uint8Array): boolean {
    checkFrameSize(frame, MAX_BYTES);
    if (!this.connected) return false;
    const peer = this.#hub.get(to);
    // To nobody, and to oneself: taken, and lost.
    return peer === undefined || peer === this || peer.#take(frame);
  }

  broadcast(frame: Uint8Array): boolean {
    checkFrameSize(frame, MAX_BYTES);
    if (!this.connected) return false;
    for (const peer of this.#hub.values()) if (peer !== this) peer.#take(frame);
    return true;
  }

  async close(): Promise<void> {
    if (this.#receive === undefined) return;
    this.#hub.delete(this.#self!);
    this.#receive = undefined;
    this.#waiting = [];
    for (const listener of this.#listeners.splice(0)) listener(false);
  }

  #take(frame: Uint8Array): boolean {
    if (this.#waitingBytes + frame.length > WAITING_BYTES) return false;
    this.#waitingBytes += frame.length;
    if (this.#waiting.push(frame) === 1) this.#clock.hop(() => this.#deliver());
    return true;
  }

  #deliver(): void {
    const frames = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const frame of frames) this.#receive?.(frame);
  }
}
