import type { Clock } from '@dfnsjs/actor-core/ports';
import { decode, encode, type Incarnation, type Payload } from '@dfnsjs/actor-core/records';
import type { FrameCodec } from '../transport/frame-codec.ts';
import type { Item } from '../transport/frame.ts';
import type { Wire } from '../transport/wire.ts';
import { KIND, weightOf } from './items.ts';
import { Parts } from './parts.ts';

export interface PostOptions {
  readonly wire: Wire;
  readonly codec: Pick<FrameCodec, 'seal' | 'open'>;
  readonly clock: Pick<Clock, 'hop' | 'now'>;
  readonly self: Incarnation;
  received(from: Incarnation, item: Item): void;
}

interface Bundle {
  readonly items: Item[];
  bytes: number;
}

/** What is kept from a frame for its envelope. */
const ENVELOPE_BYTES = 256;
/** No item that is put together of parts is larger. */
const ITEM_BYTES = 64 * 1024 * 1024;

/**
 * Items to other nodes: those that come in one turn of the event loop go in one frame for each. Best effort, as the
 * wire is: who needs an answer asks again.
 */
export class Post {
  readonly #options: PostOptions;
  readonly #bundles = new Map<Incarnation | null, Bundle>();
  readonly #parts: Parts;
  #numbers = 0;
  #flushing = false;
  #stopped = false;

  constructor(options: PostOptions) {
    this.#options = options;
    this.#parts = new Parts(options.clock);
  }

  /** Resolves when others reach this node. */
  open(): Promise<void> {
    const { wire, self } = this.#options;
    return wire.open(self, frame => this.#arrived(frame));
  }

  get isConnected(): boolean {
    return this.#options.wire.connected;
  }

  stop(): void {
    this.#stopped = true;
    this.#bundles.clear();
  }

  send(to: Incarnation, item: Item): void {
    this.#put(to, item);
  }

  /** To all other nodes. */
  broadcast(item: Item): void {
    this.#put(null, item);
  }

  /** Whether the item fits into one frame together with others. */
  isSmall(item: Item): boolean {
    return weightOf(item) <= this.#room / 2;
  }

  get #room(): number {
    return this.#options.wire.maxBytes - ENVELOPE_BYTES;
  }

  #put(to: Incarnation | null, item: Item): void {
    if (this.#stopped) return;
    const bytes = weightOf(item);
    if (bytes > this.#room) return this.#putParts(to, item);
    let bundle = this.#bundles.get(to);
    if (bundle && bundle.bytes + bytes > this.#room) {
      this.#bundles.delete(to);
      this.#send(to, bundle.items);
      bundle = undefined;
    }
    if (!bundle) this.#bundles.set(to, (bundle = { items: [], bytes: 0 }));
    bundle.items.push(item);
    bundle.bytes += bytes;
    if (this.#flushing) return;
    this.#flushing = true;
    this.#options.clock.hop(() => this.#flush());
  }

  #putParts(to: Incarnation | null, item: Item): void {
    const bytes = encode(item, 'item', ITEM_BYTES);
    const size = this.#room - 64;
    const count = Math.ceil(bytes.byteLength / size);
    const id = ++this.#numbers;
    for (let index = 0; index < count; index++) {
      this.#put(to, [KIND.part, id, index, count, bytes.subarray(index * size, (index + 1) * size)]);
    }
  }

  #flush(): void {
    this.#flushing = false;
    for (const [to, { items }] of this.#bundles) this.#send(to, items);
    this.#bundles.clear();
  }

  #send(to: Incarnation | null, items: readonly Item[]): void {
    const { wire, codec, self } = this.#options;
    const frame = codec.seal(self, to, items);
    if (to === null) wire.broadcast(frame);
    else wire.send(to, frame);
  }

  #arrived(frame: Uint8Array): void {
    const { codec, self, received } = this.#options;
    if (this.#stopped) return;
    const opened = codec.open(frame, self);
    if (!opened) return;
    for (const item of opened.items) {
      const whole = item[0] === KIND.part ? this.#parts.add(opened.from, item) : undefined;
      if (whole) received(opened.from, decode(whole as Payload) as Item);
      else if (item[0] !== KIND.part) received(opened.from, item);
    }
  }
}
