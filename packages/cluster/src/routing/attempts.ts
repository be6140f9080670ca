import { CancelledError } from '@dfnsjs/actor-core';
import type { AttemptOutcome, Engine, OpenAttempt } from '@dfnsjs/actor-core/engine';
import type { Clock, Log, Timer } from '@dfnsjs/actor-core/ports';
import {
  decode,
  decodeError,
  encode,
  encodeError,
  type Eid,
  type Epoch,
  type Incarnation,
  type Millis,
  type Payload,
  type ShardId,
} from '@dfnsjs/actor-core/records';
import type { Item } from '../transport/frame.ts';
import { KIND } from './items.ts';
import type { Post } from './post.ts';
import type { Routes } from './routes.ts';

export interface AttemptsOptions {
  readonly engine: Engine;
  readonly post: Post;
  readonly routes: Routes;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly log: Log;
}

/** How often outcomes are offered again, and it is asked whether attempts are still in hand elsewhere. */
const OFFER_MS: Millis = 1_000;
const ASK_EVERY = 5;
/** An outcome holds a payload and an error at most. */
const LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Attempts that go on where they began while their shards move: this node offers the outcomes of its own to the owners
 * until they say that they are committed, and waits for those of its executions that run elsewhere.
 */
export class Attempts {
  readonly #options: AttemptsOptions;
  #timer: Timer | undefined;
  #rounds = 0;
  #stopped = false;

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  begin(): void {
    const { clock } = this.#options;
    if (this.#stopped) return;
    this.#timer = clock.setTimer(clock.now() + OFFER_MS, () => {
      this.#round();
      this.begin();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** An attempt of this node has ended, and its shard is another's. */
  offer(shard: ShardId, { eid, command, attempt }: OpenAttempt, outcome: AttemptOutcome): void {
    const { post, routes } = this.#options;
    const owner = routes.at(shard)?.owner;
    // Where nobody owns it just now it is offered again soon.
    if (owner) post.send(owner, [KIND.ended, shard, eid, command, attempt, encodeOutcome(outcome)]);
  }

  /** The node where it ran need not keep it any more. */
  settled(at: Incarnation, { eid, command, attempt }: OpenAttempt): void {
    this.#options.post.send(at, [KIND.settled, eid, command, attempt]);
  }

  aborted(at: Incarnation, { eid, command, attempt }: OpenAttempt): void {
    this.#options.post.send(at, [KIND.abort, eid, command, attempt]);
  }

  received(from: Incarnation, item: Item): void {
    const { engine } = this.#options;
    switch (item[0]) {
      case KIND.ended:
        return void this.#ended(from, item);
      case KIND.settled:
        return engine.forgetAttempt(openOf(item, 1));
      case KIND.abort:
        return engine.abortAttempt(openOf(item, 1), new CancelledError('The attempt was cancelled.'));
      case KIND.inHand: {
        const [, ...question] = item;
        if (!engine.hasAttempt(openOf(item, 3))) this.#options.post.send(from, [KIND.notInHand, ...question]);
        return;
      }
      case KIND.notInHand:
        // Of an earlier stay of the shard it says nothing.
        if (engine.epochOf(item[1] as ShardId) === (item[2] as Epoch)) engine.loseRemote([openOf(item, 3)]);
        return;
    }
  }

  async #ended(from: Incarnation, item: Item): Promise<void> {
    const { engine, log } = this.#options;
    const attempt = openOf(item, 2);
    try {
      const offered = await engine.takeOffer(item[1] as ShardId, attempt, decodeOutcome(item[5] as Payload, attempt));
      if (offered === 'moot') this.settled(from, attempt);
    } catch (error) {
      log.write('warn', 'an outcome from another node could not be taken yet', {
        error: error instanceof Error ? error.message : String(error),
      });
    }
  }

  #round(): void {
    const { engine, post } = this.#options;
    for (const { shard, outcome, ...attempt } of engine.endedElsewhere()) this.offer(shard, attempt, outcome);
    if (++this.#rounds % ASK_EVERY !== 0) return;
    for (const at of engine.awaitedNodes) {
      for (const { shard, eid, command, attempt } of engine.awaitedAt(at)) {
        const epoch = engine.epochOf(shard);
        if (epoch !== undefined) post.send(at, [KIND.inHand, shard, epoch, eid, command, attempt]);
      }
    }
  }
}

function openOf(item: Item, at: number): OpenAttempt {
  return { eid: item[at] as Eid, command: item[at + 1] as number, attempt: item[at + 2] as number };
}

function encodeOutcome(outcome: AttemptOutcome): Payload {
  const fields =
    outcome.kind === 'task-done'
      ? [outcome.result]
      : [null, encodeError(outcome.error), outcome.final, outcome.afterMs, outcome.progress];
  return encode(fields, 'outcome', LIMIT_BYTES);
}

function decodeOutcome(bytes: Payload, { command, attempt }: OpenAttempt): AttemptOutcome {
  const fields = decode(bytes) as readonly unknown[];
  if (fields.length === 1) return { kind: 'task-done', at: 0, command, attempt, result: fields[0] as Payload };
  const [, error, final, afterMs, progress] = fields;
  return {
    kind: 'failed',
    error: decodeError(error as Payload),
    final: final as boolean,
    afterMs: afterMs as number | null,
    progress: progress as Payload | null,
  };
}
