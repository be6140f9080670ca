import {
  type ActorCommit,
  type CommitBatch,
  type CommitVerdict,
  DONE,
  OutcomeUnknownError,
  StoreRefusedError,
} from '@dfnsjs/actor-core/ports';
import type { CommitId, Eid } from '@dfnsjs/actor-core/records';
import { statusOf } from '../rows/run-row.ts';
import { BatchSections, type RowTypes } from './batch-sections.ts';
import { Tails } from '../batch/tails.ts';
import { describe, isCollision, writeFailure } from './failure.ts';
import { HeldFences } from './held-fences.ts';
import type { Pool } from './pool.ts';

/** Parameters of commit_1 in all. */
const PARAMETERS = 43;
const PLACES = Array.from({ length: PARAMETERS }, (_, i) => `$${i + 1}`).join(', ');
const COMMIT = { name: 'dfns.commit_1', text: `SELECT dfns.commit_1(${PLACES})::text AS told` };

/** Calls of one statement that somebody else's writes undid. */
const COLLISIONS = 5;
/** Batches with starts that are read first once an id or a run was there already: it will not have been the only one. */
const READ_FIRST = 64;

/** As commit_1 tells it; `moves` is null where the incarnation has no lane, or a later try came before. */
type Told = readonly [moves: number | null, server: string, verdicts: readonly ToldVerdict[] | null];
/** As the code of a verdict. */
const WRITTEN = 0;
type ToldVerdict = readonly [code: number, eid?: Eid, more?: string | number];

/** The lane: a statement a batch, over one connection. */
export class Committer {
  readonly #lane: Pool;
  readonly #types: RowTypes;
  readonly #fences = new HeldFences();
  /** The last seq of runs, as far as it is known under the moves of the fences. */
  readonly #tails = new Tails();
  /** Batches that may have landed without a word: where they did, their rows may be folded or taken since. */
  readonly #doubted = new Set<CommitId>();
  #readFirst = 0;
  #try: number;

  /** `lastTry`: above it no try of an incarnation that this process may be is stored. */
  constructor(lane: Pool, types: RowTypes, lastTry: number) {
    this.#lane = lane;
    this.#types = types;
    this.#try = lastTry;
  }

  async commit(batch: CommitBatch, deadlineMs: number): Promise<readonly CommitVerdict[]> {
    const verdicts: CommitVerdict[] = [];
    const isDoubted = this.#doubted.has(batch.commitId);
    try {
      for (const actors of independent(batch.actors)) {
        verdicts.push(...(await this.#send(batch, actors, deadlineMs, isDoubted)));
      }
    } catch (error) {
      if (error instanceof OutcomeUnknownError) this.#doubted.add(batch.commitId);
      throw error;
    }
    this.#doubted.delete(batch.commitId);
    return verdicts;
  }

  /** What was known of runs is read again. */
  forgetRuns(): void {
    this.#tails.forget();
  }

  async #send(
    { commitId, incarnation }: CommitBatch,
    actors: readonly ActorCommit[],
    deadlineMs: number,
    isDoubted: boolean,
  ): Promise<readonly CommitVerdict[]> {
    const sections = BatchSections.pack(actors, this.#types);
    // Half of it, so that a wait for a lock ends with an answer and not with an unknown outcome.
    const lockMs = Math.ceil(deadlineMs / 2);
    let isKnown = !isDoubted && this.#knows(actors);
    for (let collisions = 0; ; collisions++) {
      try {
        // Each try has a number of its own: one that was given up and comes after the next finds a higher one.
        const moves = this.#fences.movesOf(actors);
        const { server } = this.#fences;
        const parameters = [incarnation, ++this.#try, moves, server, isKnown, commitId, lockMs, ...sections];
        const told = await this.#lane.call(deadlineMs, COMMIT, parameters);
        const [found, on, codes] = told === null ? [null, null, null] : (JSON.parse(told) as Told);
        const verdicts = codes === null ? actors.map(() => DONE) : codes.map(verdictOf);
        if (found !== null && this.#fences.found(found, on, actors, verdicts)) this.#tails.forget();
        this.#note(actors, codes);
        return verdicts;
      } catch (cause) {
        if (!isCollision(cause)) throw writeFailure('The batch was not committed', cause);
        if (isKnown && actors.some(({ insert }) => insert)) this.#readFirst = READ_FIRST;
        isKnown = false;
        if (collisions >= COLLISIONS) throw new StoreRefusedError(`The batch was rolled back: ${describe(cause)}`);
      }
    }
  }

  /** Nothing needs to be read: most batches fit, and what does not is rolled back, and read before it is tried again. */
  #knows(actors: readonly ActorCommit[]): boolean {
    if (this.#readFirst > 0 && actors.some(({ insert }) => insert)) {
      this.#readFirst--;
      return false;
    }
    return actors.every(({ eid, prevSeq, journal, insert, update, idempotency }) => {
      // A key that is used is too common to roll a batch back for.
      if (idempotency || (journal && journal.seq <= prevSeq)) return false;
      const isNew = insert?.eid === eid;
      return !(isNew && update) && (this.#tails.get(eid) ?? (isNew ? 0 : undefined)) === prevSeq;
    });
  }

  /** `codes`: null where all were written. */
  #note(actors: readonly ActorCommit[], codes: readonly ToldVerdict[] | null): void {
    for (let i = 0; i < actors.length; i++) {
      const code = codes === null ? WRITTEN : codes[i]![0];
      if (code === WRITTEN) this.#tails.note(actors[i]!);
      // It landed before, and others may have since.
      else this.#tails.drop(actors[i]!.eid);
    }
    this.#tails.committed();
  }
}

function verdictOf([code, eid, more]: ToldVerdict): CommitVerdict {
  switch (code) {
    case WRITTEN:
    case 1:
      return DONE;
    case 2:
      return { kind: 'fenced' };
    case 3:
      return { kind: 'conflict' };
    case 4:
      return { kind: 'already-taken' };
    case 5:
      return { kind: 'duplicate', eid: eid!, hash: String(more) };
    default:
      return { kind: 'exists', eid: eid!, status: statusOf(Number(more)) ?? 'running' };
  }
}

/**
 * A statement looks at what was stored before it, so two actors that want the same run, id or key go in two: the second
 * is told what became of the first. All but a few batches are one part.
 */
function* independent(actors: readonly ActorCommit[]): Generator<readonly ActorCommit[]> {
  let part: ActorCommit[] = [];
  const taken = new Set<Eid | string>();
  for (const actor of actors) {
    const more = actor.insert || actor.idempotency ? wants(actor) : [];
    if (taken.has(actor.eid) || more.some(each => taken.has(each))) {
      yield part;
      part = [];
      taken.clear();
    }
    taken.add(actor.eid);
    for (const each of more) taken.add(each);
    part.push(actor);
  }
  if (part.length > 0) yield part;
}

function wants({ eid, insert, idempotency }: ActorCommit): (Eid | string)[] {
  const wanted: (Eid | string)[] = [];
  if (insert) {
    if (insert.eid !== eid) wanted.push(insert.eid);
    wanted.push(`id ${insert.namespace}\0${insert.id}`);
  }
  if (idempotency) wanted.push(`key ${idempotency.namespace}\0${idempotency.key}`);
  return wanted;
}
