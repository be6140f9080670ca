import { DfnsError } from '../errors/dfns-error.ts';
import type { RunRow } from '../execution/execution.ts';
import { isOpen } from '../execution/status.ts';
import { decodeTurn } from '../journal/record.ts';
import { joinRows } from '../journal/snapshot.ts';
import { changeOf } from '../ports/changes.ts';
import type { ActorCommit } from '../ports/store/commit.ts';
import type { LoadedRun } from '../ports/store/load.ts';
import { cutBeforeFailure, START, type Cut } from '../state/failure-cut.ts';
import { activate } from './activation.ts';
import { notFound, unavailable } from './answers.ts';
import type { WriteVerdict } from './committer.ts';
import { withEnded } from './ended.ts';
import type { EngineParts } from './parts.ts';
import { residentSettled, type Resident } from './residents.ts';
import { settledResident } from './settled-resident.ts';
import { successorOf, type Successor } from './successor.ts';

/** Where a retry begins: before the failure, or with the input of the run. */
export type RetryFrom = 'failure' | 'start';

/** How often the store may have another history than was read before the caller is told to try again. */
const TRIES = 3;

/**
 * Lets a held execution go on in the same run; gives one that failed, timed out or was terminated another run from
 * its failure, or from its start. Resolves when that is durable.
 */
export async function retry(
  parts: EngineParts,
  namespace: string,
  id: string,
  from: RetryFrom,
): Promise<Pick<RunRow, 'runId'>> {
  const held = (await settledResident(parts, namespace, id))?.held;
  if (!held || from === 'start') return retryClosed(parts, namespace, id, from);
  const resident = await retryHeld(parts, namespace, id);
  const run = await parts.options.store.current(namespace, id);
  if (!run) throw notFound(namespace, id);
  // It left this node before it took the turn that says so.
  if (run.held && !parts.residents.has(resident)) throw unavailable();
  return { runId: run.runId };
}

/** Lets a held execution go on in the same run; clears its crash counts. */
async function retryHeld(parts: EngineParts, namespace: string, id: string): Promise<Resident> {
  const resident = await settledResident(parts, namespace, id);
  if (!resident?.held) {
    if (!resident) throw notFound(namespace, id);
    throw new DfnsError('NOT_RETRYABLE', `The execution "${id}" is not held.`);
  }
  resident.held = null;
  await activate(parts, resident, { crashed: false, retry: true });
  // Durable once the turn that says so is.
  await residentSettled(resident);
  if (resident.held) {
    const { held } = resident.held as NonNullable<Resident['held']>;
    throw new DfnsError('NOT_RETRYABLE', `The execution "${id}" is held again (${held.code}): ${held.message}`);
  }
  return resident;
}

/**
 * Gives an execution that failed, timed out or was terminated another run, which keeps what its last one did before
 * the failure. NOT_RETRYABLE where it is open or ended otherwise, NON_DETERMINISM where today's code does not do what
 * is kept. Resolves with the new run when it is durable.
 */
async function retryClosed(
  parts: EngineParts,
  namespace: string,
  id: string,
  from: RetryFrom,
): Promise<Pick<RunRow, 'runId'>> {
  for (let tries = 0; tries < TRIES; tries++) {
    const runId = await withEnded(
      parts,
      namespace,
      id,
      () => notRetryable(id, 'it has not ended'),
      async home => {
        const { loaded, cut } = await readEnded(parts, namespace, id, from);
        const successor = await successorOf(parts, loaded, cut, 'retry');
        const verdict = await write(parts, home, loaded, successor);
        if (verdict.kind === 'done') {
          const { run } = successor;
          const { turns: turn, startedAt: at } = run;
          parts.changes?.changed(changeOf(run, { kind: 'started', status: 'running', turn, at }));
          return { goesOn: true, value: run.runId };
        }
        if (verdict.kind === 'fenced') parts.lost(home, verdict);
        // Another start or retry of it, or its deletion, came first: who looks again sees which.
        if (verdict.kind === 'exists' || verdict.kind === 'conflict') return { goesOn: false, value: null };
        throw unavailable();
      },
    );
    if (runId !== null) return { runId };
  }
  throw unavailable();
}

async function readEnded(
  parts: EngineParts,
  namespace: string,
  id: string,
  from: RetryFrom,
): Promise<{ readonly loaded: LoadedRun; readonly cut: Cut }> {
  const { store } = parts.options;
  const run = await store.current(namespace, id);
  if (!run) throw notFound(namespace, id);
  if (isOpen(run.status)) throw notRetryable(id, 'it has not ended');
  const [loaded] = await store.load([run.eid]);
  if (!loaded) throw unavailable();
  const turns = joinRows(loaded.journal, loaded.snapshots).map(row => decodeTurn(row.seq, row.turn));
  const cut = cutBeforeFailure(turns, run.status, run.output);
  if (!cut) throw notRetryable(id, `it ended as ${run.status}`);
  return { loaded, cut: from === 'start' ? START : cut };
}

/** Old run and new one in one commit: the id points at the one or at the other, and messages go on with it. */
function write(
  parts: EngineParts,
  home: Resident,
  { run, journal, snapshots }: LoadedRun,
  { run: insert, prefix, again }: Successor,
): Promise<WriteVerdict> {
  const owned = parts.owned.get(run.shard);
  if (!owned || owned.resyncing || parts.stopping || !parts.residents.has(home)) throw unavailable();
  const entry: ActorCommit = {
    shard: run.shard,
    epoch: owned.epoch,
    eid: run.eid,
    prevSeq: journal.at(-1)?.seq ?? snapshots.at(-1)?.to ?? 0,
    insert,
    prefix,
    current: { expect: run.eid },
    accepts: again(owned),
  };
  return new Promise(resolve => {
    parts.committer.write(run.namespace, entry, resolve);
    parts.committer.flush();
  });
}

function notRetryable(id: string, why: string): DfnsError {
  return new DfnsError(
    'NOT_RETRYABLE',
    `The execution "${id}" cannot be retried: ${why}. Only failed, timed-out and terminated ones can, and held ones.`,
    { details: { id } },
  );
}
