import type { Eid, Incarnation, ShardId } from '../ids/ids.ts';

/** One attempt of a local task. */
export interface OpenAttempt {
  readonly eid: Eid;
  readonly command: number;
  readonly attempt: number;
}

/** An attempt that had not ended, or whose outcome was not committed, when its shard went to another node. */
export interface HandedOver extends OpenAttempt {
  /** Where its body runs. */
  readonly at: Incarnation;
}

interface Remote extends HandedOver {
  readonly shard: ShardId;
}

/**
 * Attempts of this node's executions whose bodies run at nodes that had their shards before. They are waited for, and
 * run again only where their node died or has them no more.
 */
export class RemoteAttempts {
  readonly #runs = new Map<Eid, Map<number, Remote>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(shard: ShardId, handed: HandedOver): void {
    const known = this.#runs.get(handed.eid);
    const commands = known ?? new Map<number, Remote>();
    if (!known) this.#runs.set(handed.eid, commands);
    if (!commands.has(handed.command)) this.#size++;
    commands.set(handed.command, { ...handed, shard });
  }

  /** Whether exactly this attempt is in hand elsewhere. */
  has(eid: Eid, command: number, attempt: number): boolean {
    return this.#runs.get(eid)?.get(command)?.attempt === attempt;
  }

  /** Forgets what is in hand elsewhere of the command, and gives it. */
  take(eid: Eid, command: number): HandedOver | undefined {
    const commands = this.#runs.get(eid);
    const remote = commands?.get(command);
    if (!commands || !remote) return undefined;
    commands.delete(command);
    this.#size--;
    if (commands.size === 0) this.#runs.delete(eid);
    return remote;
  }

  *ofShard(shard: ShardId): Iterable<HandedOver> {
    for (const remote of this.#all()) if (remote.shard === shard) yield remote;
  }

  /** Of one node, with their shards. */
  *at(incarnation: Incarnation): Iterable<Remote> {
    for (const remote of this.#all()) if (remote.at === incarnation) yield remote;
  }

  /** Nodes that have any. */
  get incarnations(): ReadonlySet<Incarnation> {
    const found = new Set<Incarnation>();
    for (const { at } of this.#all()) found.add(at);
    return found;
  }

  /** The shard is another's: they are its new owner's to wait for. */
  dropShard(shard: ShardId): void {
    for (const { eid, command } of this.ofShard(shard)) this.take(eid, command);
  }

  *#all(): Iterable<Remote> {
    for (const commands of [...this.#runs.values()]) yield* [...commands.values()];
  }
}
