import { NotServedError } from '@dfnsjs/actor-core/engine';
import type { Clock } from '@dfnsjs/actor-core/ports';
import {
  encodeError,
  type Epoch,
  type Incarnation,
  type Millis,
  type Payload,
  type ShardId,
} from '@dfnsjs/actor-core/records';
import { callOf, CALLS, decodeArguments, encodeAnswer, type CallName } from './calls.ts';
import type { Item } from '../transport/frame.ts';
import { KIND, REPLY } from './items.ts';
import type { Peer } from './peer.ts';
import type { Post } from './post.ts';
import { RecentAnswers } from './recent-answers.ts';

export interface InboundOptions {
  readonly post: Pick<Post, 'send'>;
  readonly peer: Peer;
  readonly clock: Pick<Clock, 'elapsed'>;
  /** Under which epoch this node began to serve the shard; undefined: it does not, or its lease is over. */
  stint(shard: ShardId): Epoch | undefined;
  /** Whether the node's lease surely holds. */
  isSure(): boolean;
}

interface InHand {
  /** Who asked last: a node may have become another incarnation since it asked first. */
  from: Incarnation;
  /** Of a call that waits; others end by themselves. */
  readonly abort: AbortController | undefined;
  /** Nobody waits for the answer. */
  isOver: boolean;
}

/** For so long a call may come again: because its answer was lost, or because it was long on its way. */
const KEPT_MS: Millis = 10_000;
const KEPT = 50_000;
const KEPT_BYTES = 4_096;

/** Carries out the calls of other nodes. One that is sent again while it is in hand is done once. */
export class Inbound {
  readonly #options: InboundOptions;
  readonly #inHand = new Map<string, InHand>();
  readonly #answered: RecentAnswers<Item>;

  constructor(options: InboundOptions) {
    this.#options = options;
    this.#answered = new RecentAnswers(options.clock, KEPT_MS, KEPT);
  }

  request(from: Incarnation, [, id, shard, epoch, code, bytes, by]: Item): void {
    const name = callOf(code);
    if (typeof id !== 'number' || typeof shard !== 'number' || typeof epoch !== 'number') return;
    if (!name || !(bytes instanceof Uint8Array)) return;
    // Without its lease it does not know whose the shard is, and says nothing.
    if (!this.#options.isSure()) return;
    const key = keyOf(from, id, by);
    const working = this.#inHand.get(key);
    if (working) return void (working.from = from);
    const known = this.#answered.get(key);
    if (known) return this.#options.post.send(from, known);
    const abort = CALLS[name].abortAt === undefined ? undefined : new AbortController();
    const inHand: InHand = { from, abort, isOver: false };
    this.#inHand.set(key, inHand);
    void this.#answer(name, shard as ShardId, epoch as Epoch, bytes, abort?.signal).then(reply => {
      if (inHand.isOver) return;
      this.#inHand.delete(key);
      if (!reply) return;
      const item: Item = [KIND.reply, id, reply[0], reply[1] ?? null];
      // What was refused is refused for good, though the call comes again when it would not be.
      const isKept = !CALLS[name].reads && reply[0] !== REPLY.elsewhere && (reply[1]?.byteLength ?? 0) <= KEPT_BYTES;
      if (isKept) this.#answered.put(key, item);
      this.#options.post.send(inHand.from, item);
    });
  }

  probe(from: Incarnation, [, id, by]: Item): void {
    if (typeof id !== 'number') return;
    const key = keyOf(from, id, by);
    const known = this.#answered.get(key);
    if (known) return this.#options.post.send(from, known);
    // Without its lease it takes no call: whoever asks must not think that it will.
    if (!this.#options.isSure()) return;
    this.#options.post.send(from, [KIND.reply, id, this.#inHand.has(key) ? REPLY.working : REPLY.unknown]);
  }

  cancel(from: Incarnation, [, id, by]: Item): void {
    if (typeof id !== 'number') return;
    const key = keyOf(from, id, by);
    const inHand = this.#inHand.get(key);
    if (inHand) this.#giveUp(key, inHand, 'Nobody waits for the answer any more.');
  }

  /** Nobody hears of what is in hand. */
  stop(): void {
    for (const [key, inHand] of this.#inHand) this.#giveUp(key, inHand, 'The node ends.');
  }

  #giveUp(key: string, inHand: InHand, why: string): void {
    this.#inHand.delete(key);
    inHand.isOver = true;
    inHand.abort?.abort(new Error(why));
  }

  /** undefined: it is not for this node to say. */
  async #answer(
    name: CallName,
    shard: ShardId,
    epoch: Epoch,
    bytes: Uint8Array,
    abort: AbortSignal | undefined,
  ): Promise<readonly [number, Payload?] | undefined> {
    const stint = this.#options.stint(shard);
    // One that was sent to an earlier stay of the shard may have been refused elsewhere since.
    if (stint === undefined || epoch < stint) return [REPLY.elsewhere];
    let reply: readonly [number, Payload?];
    let stands = false;
    try {
      const call = this.#options.peer[name] as (...args: unknown[]) => Promise<unknown>;
      const value = await call.apply(this.#options.peer, decodeArguments(name, bytes, abort));
      reply = [REPLY.value, encodeAnswer(value)];
      stands = CALLS[name].durable;
    } catch (error) {
      reply = error instanceof NotServedError ? [REPLY.elsewhere] : [REPLY.error, encodeError(error)];
    }
    // What was read, or refused, is only said by a node that served the shard all along.
    if (stands || this.#options.stint(shard) === stint) return reply;
    return this.#options.isSure() ? [REPLY.elsewhere] : undefined;
  }
}

/** What a call is known by, whichever incarnation of its process asks. */
function keyOf(from: Incarnation, id: number, by: unknown): string {
  return `${typeof by === 'string' ? by : from} ${id}`;
}
