import type { Incarnation } from '@dfnsjs/actor-core/records';
import type { ConnectionSettings } from './connection.ts';
import { Pool } from './pool.ts';

/** A call is given up after it, in milliseconds, or after half a lease where that is less. */
const DEADLINE_MS = 10_000;
const READERS = 3;
/** What the server keeps of a name, in bytes. */
const NAME_BYTES = 63;

/**
 * The connections of a node: one lane of commits, one for its lease, which nothing holds up, one for the moves of shards,
 * which may wait for a lock, and a few that read. Those that write bear the incarnation as their name: whoever takes a
 * shard from a dead node ends what is left of its sessions by it.
 */
export class Pools {
  readonly lane: Pool;
  readonly leases: Pool;
  readonly moves: Pool;
  readonly readers: Pool;
  readonly readMs: number;
  readonly #all: readonly Pool[];
  readonly #url: string;
  #name = 'dfns';
  #writeMs: number;

  constructor(url: string, deadlineMs = DEADLINE_MS) {
    this.#url = url;
    this.readMs = deadlineMs;
    this.#writeMs = deadlineMs;
    const writes = () => this.settings();
    this.lane = new Pool(1, writes);
    this.leases = new Pool(1, writes);
    this.moves = new Pool(1, writes);
    this.readers = new Pool(READERS, () => ({ url, name: 'dfns', timeoutMs: deadlineMs }));
    this.#all = [this.lane, this.leases, this.moves, this.readers];
  }

  /** Of connections that write. */
  settings(): ConnectionSettings {
    return { url: this.#url, name: this.#name, timeoutMs: this.#writeMs };
  }

  /** What is to be written within a lease must have its answer before that is over. */
  get writeMs(): number {
    return this.#writeMs;
  }

  /** How long a lock is waited for: the answer to it comes before the deadline. */
  get lockMs(): number {
    return Math.ceil(this.#writeMs / 2);
  }

  /** Connections are opened from now on under its name, before shards come whose callers wait for them. */
  joined(incarnation: Incarnation, leaseMs: number): void {
    this.#name = `dfns ${incarnation}`.slice(0, NAME_BYTES);
    this.#writeMs = Math.min(this.readMs, Math.ceil(leaseMs / 2));
    for (const pool of [this.lane, this.moves, this.readers]) pool.open(this.#writeMs);
  }

  get busy(): number {
    return this.#all.reduce((sum, { busy }) => sum + busy, 0);
  }

  get waiting(): number {
    return this.#all.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(pool => pool.close()));
  }
}
