import { NotServedError } from '@dfnsjs/actor-core/engine';
import type { Clock } from '@dfnsjs/actor-core/ports';
import { shardOf, type Epoch, type Incarnation, type Millis, type ShardId } from '@dfnsjs/actor-core/records';
import type { Persistence } from '../shards/persistence.ts';
import { CALLS, type CallName } from './calls.ts';
import type { Peer } from './peer.ts';
import { RoutedPeer } from './routed-peer.ts';
import type { Call, Requests } from './requests.ts';
import type { Routes } from './routes.ts';
import type { StoredMessages } from './stored-messages.ts';
import { nobody, unknownOutcome, unreached } from './unanswered.ts';

/** One incarnation's way to the others. */
export interface Network {
  readonly self: Incarnation;
  readonly local: Peer;
  readonly requests: Requests;
  readonly routes: Routes;
  /** Where messages go while no other node can be asked; null: there is no other. */
  readonly stored: StoredMessages | null;
  /** Reads owners from the store; calls that come together share one reading. */
  refresh(): Promise<void>;
  /** For how long it has reached no other; 0: it does. */
  awayMs(): Millis;
  /** Under which epoch this node began to serve the shard; undefined: it does not. */
  stint(shard: ShardId): Epoch | undefined;
}

export interface RouterOptions {
  readonly clock: Pick<Clock, 'elapsed'>;
  /** Number of shards. */
  readonly shards: number;
  readonly persistence: Persistence;
  /** Nobody else can own a shard: what is not served here is served nowhere. */
  readonly alone: boolean;
  /** A call was refused, since nobody takes it. */
  refused?(): void;
}

/** So long an owner is looked for, while shards change hands. Longer than a takeover. */
const PATIENCE_MS: Millis = 10_000;
/** A node that has reached no other for so long says so at once: another may, and whoever asks had better ask that. */
const AWAY_PATIENCE_MS: Millis = 3_000;
/** What the store can bring to an execution goes there sooner. */
const STORED_AFTER_MS: Millis = 1_000;
/** A node that says nothing is given up before: one that was asked for longer said that it works on the call. */
const WORKED_ON_MS: Millis = 5_000;
/** A store that says nothing holds nobody up who looks for an owner. */
const REFRESH_MS: Millis = 1_000;
const FIRST_WAIT_MS: Millis = 20;
const LONGEST_WAIT_MS: Millis = 250;

/** Finds the node that owns an execution, and asks it; asks again where the shard has changed hands meanwhile. */
export class Router {
  readonly #options: RouterOptions;
  #network: Network | null = null;
  #calls = 0;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** The node goes on as this incarnation; null: it is none just now. */
  use(network: Network | null): void {
    this.#network = network;
  }

  /** The node that owns the shard, as far as it is known; null: none, or nobody has heard. */
  ownerOf(shard: ShardId): Incarnation | null {
    const network = this.#network;
    if (!network) return null;
    return network.stint(shard) === undefined ? (network.routes.at(shard)?.owner ?? null) : network.self;
  }

  /** Calls reject with UNAVAILABLE while nobody owns the execution's shard. */
  to(namespace: string, id: string): Peer {
    const shard = shardOf(namespace, id, this.#options.shards);
    if (!this.#options.alone) return new RoutedPeer((name, args) => this.#call(shard, id, name, args));
    const network = this.#network;
    if (network && network.stint(shard) !== undefined) return network.local;
    throw this.#nobody(id);
  }

  #nobody(id: string): Error {
    this.#options.refused?.();
    const awayMs = this.#network?.awayMs() ?? 0;
    return awayMs > AWAY_PATIENCE_MS ? unreached(id) : nobody(id);
  }

  async #call(shard: ShardId, id: string, name: CallName, given: readonly unknown[]): Promise<unknown> {
    const { clock, persistence } = this.#options;
    const { repeats, abortAt } = CALLS[name];
    const abort = abortAt === undefined ? undefined : (given[abortAt] as AbortSignal | undefined);
    let args = given;
    const call: Made = { number: ++this.#calls, by: null, last: null };
    let isMadeHere = false;
    let mayBeDone = false;
    let waitMs = FIRST_WAIT_MS;
    let since = clock.elapsed();
    for (;;) {
      abort?.throwIfAborted();
      const askedAt = clock.elapsed();
      const network = this.#network;
      const outcome = network
        ? await this.#once(network, shard, name, args, abort, call)
        : ({ kind: 'nobody' } as const);
      if (outcome.kind === 'value') return outcome.value;
      if (outcome.kind === 'error') throw outcome.error;
      if (outcome.kind === 'forgotten' || (outcome.kind === 'silent' && !repeats)) throw unknownOutcome(id);
      isMadeHere ||= outcome.asked !== undefined && outcome.asked === network?.self;
      mayBeDone ||= CALLS[name].durable && outcome.kind === 'silent' && (isMadeHere || call.last !== null);
      // One that somebody may have carried out is asked for again where it was made.
      if (network?.stored && network.awayMs() >= STORED_AFTER_MS && call.last === null && !isMadeHere) {
        const stored = network.stint(shard) === undefined && network.stored.call(shard, name, args);
        if (stored) return stored;
      }
      // Also one that serves the shard no more may have carried it out before.
      if (outcome.kind !== 'nobody') args = repeated(name, args);
      // It was being worked on: whoever waits for what is yet to come has not waited for an owner.
      if (clock.elapsed() - askedAt > WORKED_ON_MS) since = clock.elapsed();
      const isAway = network !== null && network.awayMs() > AWAY_PATIENCE_MS;
      const isOver = (isAway || clock.elapsed() - since > PATIENCE_MS) && abortAt === undefined;
      if (isOver || persistence.stopped) throw mayBeDone ? unknownOutcome(id) : this.#nobody(id);
      if (network) await Promise.race([network.refresh(), persistence.wait(REFRESH_MS)]);
      if (network && network === this.#network && this.#isNews(network, shard, outcome.asked)) continue;
      await this.#newsOrTime(network, shard, waitMs);
      waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
    }
  }

  async #once(
    network: Network,
    shard: ShardId,
    name: CallName,
    args: readonly unknown[],
    abort: AbortSignal | undefined,
    call: Made,
  ): Promise<Tried> {
    const { self, local, routes, requests } = network;
    const stint = network.stint(shard);
    if (stint !== undefined) {
      try {
        const value = await (local[name] as (...args: unknown[]) => Promise<unknown>).apply(local, [...args]);
        if (CALLS[name].durable || network.stint(shard) === stint) return { kind: 'value', value };
      } catch (error) {
        if (!(error instanceof NotServedError) && network.stint(shard) === stint) throw error;
        // It serves the shard, and refuses all the same: the store is silent, or the node stops.
        if (error instanceof NotServedError && network.stint(shard) === stint && this.#network === network) throw error;
      }
      return { kind: 'silent', asked: self };
    }
    const route = routes.at(shard);
    if (!route?.owner || route.owner === self) return { kind: 'nobody' };
    const { owner: to, epoch } = route;
    call.by ??= self;
    const outcome = await requests.ask({ call: call as Call, to, shard, epoch, name, args, abort }, elsewhere =>
      routes.onNews(shard, elsewhere),
    );
    return outcome.kind === 'silent' || outcome.kind === 'elsewhere' ? { ...outcome, asked: to } : outcome;
  }

  /** Whether there is somebody else to ask by now. */
  #isNews(network: Network, shard: ShardId, asked: Incarnation | undefined): boolean {
    if (network.stint(shard) !== undefined) return asked !== network.self;
    const owner = network.routes.at(shard)?.owner;
    return owner !== undefined && owner !== null && owner !== asked && owner !== network.self;
  }

  async #newsOrTime(network: Network | null, shard: ShardId, ms: Millis): Promise<void> {
    let forget: (() => void) | undefined;
    const news = new Promise<void>(resolve => (forget = network?.routes.onNews(shard, resolve)));
    await Promise.race([news, this.#options.persistence.wait(ms)]);
    forget?.();
  }
}

/** A call; `by` is null while it was asked of nobody yet. */
type Made = Omit<Call, 'by'> & { by: Call['by'] | null };

type Tried =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: Error }
  | { readonly kind: 'elsewhere' | 'silent'; readonly asked: Incarnation }
  | { readonly kind: 'forgotten'; readonly asked?: undefined }
  | { readonly kind: 'nobody'; readonly asked?: undefined };

/** A start that may have been carried out is looked for before it is made again. */
function repeated(name: CallName, args: readonly unknown[]): readonly unknown[] {
  if (name !== 'start' && name !== 'signalWithStart' && name !== 'updateWithStart') return args;
  return [{ ...(args[0] as object), repeated: true }, ...args.slice(1)];
}
