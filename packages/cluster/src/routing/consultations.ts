import { DfnsError } from '@dfnsjs/actor-core';
import type { Clock, Timer } from '@dfnsjs/actor-core/ports';
import {
  decode,
  decodeError,
  encode,
  encodeError,
  type Incarnation,
  type Millis,
  type Payload,
} from '@dfnsjs/actor-core/records';
import type { Item } from '../transport/frame.ts';
import { KIND, REPLY } from './items.ts';
import type { Post } from './post.ts';

export interface ConsultationsOptions {
  readonly post: Pick<Post, 'send' | 'isConnected'>;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  /** What this node's code says. */
  answer(question: unknown): Promise<unknown>;
}

interface Open {
  readonly to: Incarnation;
  readonly timer: Timer;
  settle(answer: { readonly how: unknown; readonly bytes: Payload } | undefined): void;
}

const PATIENCE_MS: Millis = 1_000;
const NODES = 3;
const LIMIT_BYTES = 64 * 1024 * 1024;

/** Questions to other nodes' code that need no execution: asked again, of any node that has the code, they are harmless. */
export class Consultations {
  readonly #options: ConsultationsOptions;
  readonly #open = new Map<number, Open>();
  #numbers = 0;

  constructor(options: ConsultationsOptions) {
    this.#options = options;
  }

  /** The answer of the first of the nodes that gives one; rejects with its error. UNAVAILABLE where none does. */
  async ask(nodes: readonly Incarnation[], question: unknown): Promise<unknown> {
    const bytes = encode(question, 'question', LIMIT_BYTES);
    // Not always the same one.
    const first = this.#numbers % Math.max(1, nodes.length);
    for (const to of [...nodes.slice(first), ...nodes.slice(0, first)].slice(0, NODES)) {
      const answer = this.#options.post.isConnected ? await this.#put(to, bytes) : undefined;
      if (answer?.how === REPLY.value) return decode(answer.bytes);
      if (answer?.how === REPLY.error) throw decodeError(answer.bytes);
    }
    throw new DfnsError('UNAVAILABLE', 'No node that has the workflow answers just now. Try again.');
  }

  question(from: Incarnation, [, id, bytes]: Item): void {
    const { post, answer } = this.#options;
    const reply = (how: number, payload: Payload) => post.send(from, [KIND.answer, id as number, how, payload]);
    void (async () => answer(decode(bytes as Payload)))().then(
      value => reply(REPLY.value, encode(value, 'answer', LIMIT_BYTES)),
      (error: unknown) => reply(REPLY.error, encodeError(error)),
    );
  }

  answered(from: Incarnation, [, id, how, bytes]: Item): void {
    const open = this.#open.get(id as number);
    if (open?.to === from) open.settle({ how, bytes: bytes as Payload });
  }

  stop(): void {
    for (const open of [...this.#open.values()]) open.settle(undefined);
  }

  #put(to: Incarnation, bytes: Payload): Promise<{ readonly how: unknown; readonly bytes: Payload } | undefined> {
    const { post, clock } = this.#options;
    const id = ++this.#numbers;
    return new Promise(resolve => {
      const settle: Open['settle'] = answer => {
        this.#open.delete(id);
        timer.cancel();
        resolve(answer);
      };
      const timer = clock.setTimer(clock.now() + PATIENCE_MS, () => settle(undefined));
      this.#open.set(id, { to, timer, settle });
      post.send(to, [KIND.question, id, bytes]);
    });
  }
}
