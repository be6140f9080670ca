import { DfnsError } from '@dfnsjs/actor-core';
import type { Chance, Clock, Timer } from '@dfnsjs/actor-core/ports';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How much a server has in hand before it refuses more. */
export interface TrafficBounds {
  /** Requests that are not answered; those that wait included. */
  readonly requests: number;
  /** Bytes of bodies that are coming. */
  readonly bodyBytes: number;
  /** Bytes of answers that their callers have not taken. */
  readonly answerBytes: number;
  /** How long a caller may take over a large answer, in milliseconds, before it is cut off, ... */
  readonly patienceMs: number;
  /** ... beside its length at so many bytes a millisecond. */
  readonly slowestBytesAMs: number;
}

const BOUNDS: TrafficBounds = {
  requests: 10_000,
  bodyBytes: 128 * 1024 * 1024,
  answerBytes: 64 * 1024 * 1024,
  patienceMs: 30_000,
  slowestBytesAMs: 16,
};
/** Requests that one connection may send ahead of its answers. */
const AHEAD = 64;
/** Answers below are taken by the operating system at once, or nearly. */
const LARGE_ANSWER_BYTES = 64 * 1024;
/** Bodies up to here get in beside slow writers: what bounds requests bounds them. */
const SMALL_BODY_BYTES = 16 * 1024;
const RETRY_AFTER_MS = 1_000;

const PASSAGE = Symbol('passage');
const OPEN = Symbol('open');

/** What one request holds. */
interface Passage {
  bodyBytes: number;
  answerBytes: number;
  isOver: boolean;
  cutOff: Timer | undefined;
}

/** Noted on the objects themselves: a WeakMap costs each request a microsecond, and the collector more. */
type Answer = ServerResponse & { [PASSAGE]?: Passage };
/** Of each connection, those that are not over: answers in line behind one that is not taken never hear its end. */
type Connection = Socket & { [OPEN]?: Set<Passage> };

/**
 * Bounds what requests hold in memory, whoever sends or reads slowly: what would be too much is OVERLOADED before
 * anything is done, and whoever stops reading is cut off.
 */
export class Traffic {
  readonly #bounds: TrafficBounds;
  readonly #clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly #chance: Pick<Chance, 'random'>;
  #requests = 0;
  #bodyBytes = 0;
  #answerBytes = 0;

  constructor(
    clock: Pick<Clock, 'now' | 'setTimer'>,
    chance: Pick<Chance, 'random'>,
    bounds: Partial<TrafficBounds> = {},
  ) {
    this.#clock = clock;
    this.#chance = chance;
    this.#bounds = { ...BOUNDS, ...bounds };
  }

  /** A request came; `bodyBytes` of a body are to follow. OVERLOADED where they have no room. */
  enter(socket: Connection, response: Answer, bodyBytes: number): void {
    const { requests, bodyBytes: bodies } = this.#bounds;
    if (this.#requests >= requests) throw this.#refusal('requests', `has ${this.#requests} requests in hand`);
    const open = this.#openOf(socket);
    if (open.size >= AHEAD) throw this.#refusal('ahead', `has ${AHEAD} requests of this connection in hand`);
    // The first is let in whatever it brings: its own bound is checked elsewhere.
    if (bodyBytes > SMALL_BODY_BYTES && this.#bodyBytes > 0 && this.#bodyBytes + bodyBytes > bodies) {
      throw this.#refusal('bodies', `waits for ${this.#bodyBytes} bytes of other bodies`);
    }
    this.assertRoomToAnswer();
    const passage = { bodyBytes, answerBytes: 0, isOver: false, cutOff: undefined };
    response[PASSAGE] = passage;
    this.#requests++;
    this.#bodyBytes += bodyBytes;
    open.add(passage);
    response.on('close', () => {
      if (open.delete(passage)) this.#left(passage);
    });
  }

  #openOf(socket: Connection): Set<Passage> {
    const known = socket[OPEN];
    if (known) return known;
    const open = new Set<Passage>();
    socket[OPEN] = open;
    socket.once('close', () => {
      for (const passage of open) this.#left(passage);
      open.clear();
    });
    return open;
  }

  #left(passage: Passage): void {
    this.#requests--;
    this.#bodyBytes -= passage.bodyBytes;
    this.#answerBytes -= passage.answerBytes;
    passage.bodyBytes = passage.answerBytes = 0;
    passage.isOver = true;
    passage.cutOff?.cancel();
  }

  /** The body is there, and is bounded by what is done with it. */
  received(response: Answer): void {
    const passage = response[PASSAGE];
    if (!passage) return;
    this.#bodyBytes -= passage.bodyBytes;
    passage.bodyBytes = 0;
  }

  /** Requests in hand. */
  get requests(): number {
    return this.#requests;
  }

  /** OVERLOADED while callers do not take the answers that they have. */
  assertRoomToAnswer(): void {
    if (this.#answerBytes < this.#bounds.answerBytes) return;
    throw this.#refusal('answers', `holds ${this.#answerBytes} bytes of answers that their callers have not taken`);
  }

  /** An answer goes out. */
  answered(socket: Socket, response: Answer, bytes: number): void {
    const passage = response[PASSAGE];
    if (!passage || passage.isOver) return;
    passage.answerBytes += bytes;
    this.#answerBytes += bytes;
    if (bytes < LARGE_ANSWER_BYTES) return;
    const { patienceMs, slowestBytesAMs } = this.#bounds;
    const until = this.#clock.now() + patienceMs + bytes / slowestBytesAMs;
    passage.cutOff ??= this.#clock.setTimer(until, () => socket.destroy());
  }

  #refusal(reason: string, why: string): DfnsError {
    return new DfnsError('OVERLOADED', `This node ${why}. Nothing was done; try again after a moment.`, {
      details: { reason, retryAfterMs: Math.round(RETRY_AFTER_MS * (0.5 + this.#chance.random())) },
    });
  }
}
