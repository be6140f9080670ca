import type { Clock, Timer } from '@dfnsjs/actor-core/ports';
import {
  decodeError,
  type Epoch,
  type Incarnation,
  type Millis,
  type Payload,
  type ShardId,
} from '@dfnsjs/actor-core/records';
import { CALLS, decodeAnswer, encodeArguments, type CallName } from './calls.ts';
import type { Item } from '../transport/frame.ts';
import { KIND, REPLY } from './items.ts';
import type { Post } from './post.ts';

/** What came of asking one node. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: Error }
  /** It does not serve the shard; the call had no effect that is answered. */
  | { readonly kind: 'elsewhere' }
  /** It says nothing, or whoever asked looked elsewhere: the call may have had its effect. */
  | { readonly kind: 'silent' }
  /** As silent, and so long ago that the node has forgotten what it answered: it is not to be asked again. */
  | { readonly kind: 'forgotten' };

/**
 * What a call is known by, over all its tries: whoever answered one of them does not carry out another. A node that lost
 * its lease tries as another incarnation than the one that it was, so a call keeps the name of the first.
 */
export interface Call {
  /** Of the process that makes it. */
  readonly number: number;
  /** As which incarnation it was made first. */
  readonly by: Incarnation;
  /** Which node it was sent to last, and when that one said last that it had not answered yet. */
  last: { readonly to: Incarnation; readonly at: Millis } | null;
}

export interface Asked {
  readonly call: Call;
  readonly to: Incarnation;
  readonly shard: ShardId;
  readonly epoch: Epoch;
  readonly name: CallName;
  readonly args: readonly unknown[];
  readonly abort?: AbortSignal | undefined;
}

interface Pending {
  readonly call: Call;
  readonly name: CallName;
  /** As it is told: null where whoever asks now made the call. */
  readonly by: Incarnation | null;
  readonly to: Incarnation;
  readonly request: Item;
  /** Probes since something was heard. */
  unheard: number;
  waitMs: Millis;
  /** When it is asked next what is with it. */
  probeAt: Millis;
  settle(outcome: Outcome): void;
}

/** Probes are looked for at all calls at once, and no more often than that: most are answered before their first. */
const LOOK_MS: Millis = 50;
/** How soon it is asked what is with a call. */
const FIRST_PROBE_MS: Millis = 250;
const LONGEST_PROBE_MS: Millis = 2_000;
/** So many probes without an answer are silence. */
const SILENCE = 2;
/** For so long a call is sent again to the node that had it. Less than for how long that keeps answers (`inbound`). */
const SENT_AGAIN_MS: Millis = 8_000;

/**
 * Calls to other nodes. The wire may lose what is sent, so a node that says nothing is asked whether it works on the
 * call: it says so, or has never heard of it and is sent it again. There is no deadline here but silence.
 */
export class Requests {
  readonly #post: Post;
  readonly #clock: Pick<Clock, 'now' | 'elapsed' | 'setTimer'>;
  readonly #self: Incarnation;
  /** By number. */
  readonly #pending = new Map<number, Pending>();
  #look: { readonly at: Millis; readonly timer: Timer } | undefined;

  constructor(post: Post, clock: Pick<Clock, 'now' | 'elapsed' | 'setTimer'>, self: Incarnation) {
    this.#post = post;
    this.#clock = clock;
    this.#self = self;
  }

  /** Resolves with what came of it; rejects with the reason of an abort. */
  ask(
    { call, to, shard, epoch, name, args, abort }: Asked,
    gone: (elsewhere: () => void) => () => void,
  ): Promise<Outcome> {
    if (!this.#post.isConnected) return Promise.resolve({ kind: 'silent' });
    if (this.#isForgotten(call, to, name)) return Promise.resolve({ kind: 'forgotten' });
    const { code } = CALLS[name];
    const id = call.number;
    const by = call.by === this.#self ? null : call.by;
    const request: Item = [KIND.request, id, shard, epoch, code, encodeArguments(name, args), by];
    return new Promise<Outcome>((resolve, reject) => {
      const end = () => {
        this.#pending.delete(id);
        abort?.removeEventListener('abort', aborted);
        endGone();
      };
      const aborted = () => {
        end();
        this.#post.send(to, [KIND.cancel, id, by]);
        reject(abort!.reason as Error);
      };
      const pending: Pending = {
        call,
        name,
        by,
        to,
        request,
        unheard: 0,
        waitMs: FIRST_PROBE_MS,
        probeAt: this.#clock.elapsed() + FIRST_PROBE_MS,
        settle: outcome => {
          end();
          resolve(outcome);
        },
      };
      this.#pending.set(id, pending);
      const endGone = gone(() => pending.settle({ kind: 'silent' }));
      if (abort?.aborted) return aborted();
      abort?.addEventListener('abort', aborted, { once: true });
      this.#send(pending);
      this.#lookBy(pending.probeAt);
    });
  }

  /** A reply came. */
  heard(from: Incarnation, [, id, how, bytes]: Item): void {
    const pending = this.#pending.get(id as number);
    if (!pending || pending.to !== from) return;
    pending.unheard = 0;
    if (how === REPLY.value) pending.settle({ kind: 'value', value: decodeAnswer(bytes as Uint8Array) });
    else if (how === REPLY.error) pending.settle({ kind: 'error', error: decodeError(bytes as Payload) });
    else if (how === REPLY.elsewhere) pending.settle({ kind: 'elsewhere' });
    else if (how === REPLY.working) pending.call.last = { to: from, at: this.#clock.elapsed() };
    else if (how === REPLY.unknown) {
      // It was lost on its way, or its answer was long ago: only what may be done twice is sent again.
      if (this.#isForgotten(pending.call, from, pending.name)) pending.settle({ kind: 'forgotten' });
      else if (CALLS[pending.name].repeats) this.#send(pending);
      else pending.settle({ kind: 'silent' });
    }
  }

  /** Whoever waits hears nothing any more. */
  stop(): void {
    this.#look?.timer.cancel();
    this.#look = undefined;
    for (const pending of [...this.#pending.values()]) pending.settle({ kind: 'silent' });
  }

  #send({ call, to, request }: Pending): void {
    if (call.last?.to !== to) call.last = { to, at: this.#clock.elapsed() };
    this.#post.send(to, request);
  }

  /** Whether the node may have answered the call, and would carry it out anew: whoever asks was held up, or cut off. */
  #isForgotten({ last }: Call, to: Incarnation, name: CallName): boolean {
    return !CALLS[name].repeatsLate && last?.to === to && this.#clock.elapsed() - last.at > SENT_AGAIN_MS;
  }

  /** At the latest at `at`, and then for as long as there are calls. */
  #lookBy(at: Millis): void {
    if (this.#look && this.#look.at <= at) return;
    this.#look?.timer.cancel();
    const wait = Math.max(0, at - this.#clock.elapsed());
    const timer = this.#clock.setTimer(this.#clock.now() + wait, () => {
      this.#look = undefined;
      const now = this.#clock.elapsed();
      let next = Infinity;
      for (const pending of this.#pending.values()) {
        if (pending.probeAt <= now) this.#probe(pending, now);
        next = Math.min(next, pending.probeAt);
      }
      if (this.#pending.size > 0) this.#lookBy(Math.max(next, now + LOOK_MS));
    });
    this.#look = { at, timer };
  }

  #probe(pending: Pending, now: Millis): void {
    if (pending.unheard === SILENCE) return pending.settle({ kind: 'silent' });
    pending.unheard++;
    this.#post.send(pending.to, [KIND.probe, pending.call.number, pending.by]);
    pending.waitMs = pending.unheard > 1 ? FIRST_PROBE_MS : Math.min(LONGEST_PROBE_MS, pending.waitMs * 2);
    pending.probeAt = now + pending.waitMs;
  }
}
