import type { Actor } from '../actor/actor.ts';
import { BOUNDS } from '../bounds.ts';
import { rowsToFold } from '../journal/compact.ts';
import type { JournalRow } from '../journal/rows.ts';
import { foldRows } from '../journal/snapshot.ts';
import type { EngineParts } from './parts.ts';

/** Folds the journal of an idle actor where it has grown long: reading it back then takes few rows. */
export async function compact(parts: EngineParts, actor: Actor): Promise<void> {
  const { run } = actor.state;
  if (actor.seq - actor.folded <= BOUNDS.foldRows || actor.compacting) return;
  actor.compacting = true;
  try {
    const [loaded] = await parts.options.store.load([run.eid]);
    if (loaded) fold(parts, actor, loaded.journal);
  } catch (error) {
    parts.options.log.write('warn', 'a journal could not be compacted; it will be tried again', {
      executionId: run.id,
      error: error instanceof Error ? error.message : String(error),
    });
  } finally {
    actor.compacting = false;
  }
}

/**
 * Writes the fold of rows just read. They never change, so it does not matter what was journaled since. It takes its
 * place in the lane before the actor's next turn, which need not wait for it; with a turn on its way it is left for later.
 */
export function fold(parts: EngineParts, actor: Actor, journal: readonly JournalRow[]): void {
  const rows = rowsToFold(journal);
  const owned = parts.owned.get(actor.state.run.shard);
  if (rows.length === 0 || !owned || actor.dropped || actor.committing || parts.stopping) return;
  const snapshot = foldRows(rows);
  const { run } = actor.state;
  parts.committer.write(
    run.namespace,
    { shard: run.shard, epoch: owned.epoch, eid: run.eid, prevSeq: actor.seq, snapshot },
    verdict => {
      if (actor.dropped) return;
      if (verdict.kind === 'done') {
        actor.folded = snapshot.to;
        fold(parts, actor, journal.slice(rows.length));
        return;
      }
      // It is left as long as it is, and folded by whoever reads it back.
      if (verdict.kind === 'refused') return;
      const resident = parts.residents.byEid(run.eid);
      if (resident) parts.lost(resident, verdict);
    },
  );
  parts.committer.flush();
}
