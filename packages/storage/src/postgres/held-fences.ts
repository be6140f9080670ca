import type { ActorCommit, CommitVerdict } from '@dfnsjs/actor-core/ports';
import type { Epoch, ShardId } from '@dfnsjs/actor-core/records';

/**
 * Fences that a commit has found in force: they are for as long as the incarnation's lane counts no move of a shard, on a
 * server that was not started since, nor is another one.
 */
export class HeldFences {
  readonly #epochs = new Map<ShardId, Epoch>();
  #moves: number | null = null;
  #server: string | null = null;

  /** When the server was started on which they were found. */
  get server(): string | null {
    return this.#server;
  }

  /** The moves under which the fences of all were in force; null: of one it is not known. */
  movesOf(actors: readonly ActorCommit[]): number | null {
    for (const { shard, epoch } of actors) if (this.#epochs.get(shard) !== epoch) return null;
    return this.#moves;
  }

  /** What a commit found under so many moves of that server. True: moves or server are others than before. */
  found(moves: number, server: string, actors: readonly ActorCommit[], verdicts: readonly CommitVerdict[]): boolean {
    const isNew = moves !== this.#moves || server !== this.#server;
    if (isNew) this.#epochs.clear();
    this.#moves = moves;
    this.#server = server;
    for (let i = 0; i < actors.length; i++) {
      const { shard, epoch } = actors[i]!;
      if (verdicts[i]!.kind !== 'fenced') this.#epochs.set(shard, epoch);
    }
    return isNew;
  }
}
