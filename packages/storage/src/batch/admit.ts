import { type CommitBatch, type Store, StoreRefusedError } from '@dfnsjs/actor-core/ports';

export const LIMITS: Store['limits'] = { items: 128, bytes: 4 * 1024 * 1024, itemBytes: 64 * 1024 * 1024 };

/** Refuses a batch that no state of the store could make valid, before anything of it is looked at. */
export function admit(batch: CommitBatch, limits: Store['limits']): void {
  if (batch.actors.length > limits.items) {
    throw new StoreRefusedError(`A batch holds at most ${limits.items} actors, got ${batch.actors.length}.`);
  }
  for (const actor of batch.actors) {
    if (actor.prefix && !actor.insert) {
      throw new StoreRefusedError(`The commit of ${actor.eid} has a journal's beginning without a run that it is of.`);
    }
    if (actor.current && !actor.insert) {
      throw new StoreRefusedError(`The commit of ${actor.eid} moves "current" without a run to point at.`);
    }
  }
}
