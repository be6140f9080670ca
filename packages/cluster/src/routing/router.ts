import { DfnsError } from '@dfnsjs/actor-core';
import type { InboxRow } from '@dfnsjs/actor-core/ports';
import { shardOf, type Incarnation, type ShardId } from '@dfnsjs/actor-core/records';
import type { Peer, Transport } from '../transport/transport.ts';

export interface RouterOptions {
  readonly transport: Transport;
  /** Number of shards. */
  readonly shards: number;
  ownerOf(shard: ShardId): Incarnation | undefined;
}

/** Finds the node that owns an execution. */
export class Router {
  readonly #options: RouterOptions;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** UNAVAILABLE while nobody owns the execution's shard. */
  to(namespace: string, id: string): Peer {
    const peer = this.#owner(shardOf(namespace, id, this.#options.shards));
    if (peer) return peer;
    throw new DfnsError('UNAVAILABLE', `No node serves the execution "${id}" right now. Try again; nothing is lost.`);
  }

  /** Tells owners of rows that became durable. Where there is none, whoever takes the shard over reads them. */
  deliver(rows: readonly InboxRow[]): void {
    for (const row of rows) this.#owner(row.shard)?.deliver([row]);
  }

  #owner(shard: ShardId): Peer | undefined {
    const owner = this.#options.ownerOf(shard);
    return owner === undefined ? undefined : this.#options.transport.peer(owner);
  }
}
