import type { RunRow } from '../execution/execution.ts';
import type { Status } from '../execution/status.ts';
import type { Millis } from '../time/duration.ts';

/**
 * What became of an execution with one commit: `started` (a run of it is there: the first, a retry, or the next after
 * continue-as-new), `attributes-set`, `held`, `released` (it goes on), `closed`, `deleted`; `changed` for any other turn.
 */
export const CHANGES = ['started', 'changed', 'attributes-set', 'held', 'released', 'closed', 'deleted'] as const;

type OfRun = Pick<RunRow, 'first' | 'namespace' | 'id' | 'runId' | 'workflow' | 'version' | 'startedAt' | 'attributes'>;

/** One change of an execution, told once it is durable. */
export interface Change extends OfRun {
  readonly kind: (typeof CHANGES)[number];
  readonly status: Status;
  /** Why it is held; null: it is not. */
  readonly held: string | null;
  /** The last turn of the run; 0: it has taken none. */
  readonly turn: number;
  /** Of the last message, or of the commit where it took none. */
  readonly at: Millis;
}

/**
 * The feed behind events. The engine has one only while somebody listens. Changes of one execution come in their order,
 * at most one a turn: a turn that does several things is told as the most telling.
 */
export interface Changes {
  changed(change: Change): void;
  /**
   * Something may have become durable that was not told, and will not be: the store has another history, or a shard is
   * another node's.
   */
  missed(): void;
}

/** A change of the run of a row. Nothing else that the row may hold much of is kept alive by it. */
export function changeOf(
  run: OfRun,
  what: Pick<Change, 'kind' | 'status' | 'turn' | 'at'> & Partial<Pick<Change, 'held' | 'attributes'>>,
): Change {
  const { first, namespace, id, runId, workflow, version, startedAt, attributes } = run;
  return { first, namespace, id, runId, workflow, version, startedAt, attributes, held: null, ...what };
}
