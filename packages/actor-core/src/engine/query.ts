import { parseSyncWith } from '../definition/schema.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import type { Held, RunRow } from '../execution/execution.ts';
import type { Eid } from '../ids/ids.ts';
import { decodeTurn } from '../journal/record.ts';
import { joinRows } from '../journal/snapshot.ts';
import { decode } from '../payload/decode.ts';
import { encode } from '../payload/encode.ts';
import type { Payload } from '../payload/payload.ts';
import type { Coroutine } from '../actor/coroutine.ts';
import { setRunning } from '../actor/running.ts';
import type { AnyWorkflow } from '../workflow/workflow.ts';
import { notFound, queryFailed } from './answers.ts';
import { assertServes } from './entering.ts';
import type { EngineOptions } from './options.ts';
import type { EngineParts } from './parts.ts';
import { replayTurns, workflowOf } from './replay-run.ts';
import { settledResident } from './settled-resident.ts';

/** Answers from committed state; `atTurn` from a side instance as of that turn. */
export async function query(
  parts: EngineParts,
  namespace: string,
  id: string,
  name: string,
  input: Payload,
  atTurn: number | undefined,
): Promise<Payload> {
  const { options, residents } = parts;
  const resident = await settledResident(parts, namespace, id);
  const answer = async () => {
    const actor = resident?.actor;
    if (actor && !actor.dropped && atTurn === undefined) {
      const workflow = options.workflows.get(actor.state.run.workflow, actor.state.run.version);
      return answerQuery(actor.coroutine, workflow, name, input);
    }
    const run = await options.store.current(namespace, id);
    if (!run) throw notFound(namespace, id);
    if (run.held && atTurn === undefined) return answerHeld(options, run, run.held, name, input);
    const side = await sideInstance(options, run.eid, atTurn);
    return answerQuery(side.coroutine, side.workflow, name, input);
  };
  const actor = resident?.actor;
  if (actor && atTurn === undefined && (actor.committing || actor.queued || actor.turnInHand)) {
    await new Promise<void>(resolve => (actor.whenSettled ??= []).push(resolve));
    if (actor.dropped || residents.at(namespace, id)?.actor !== actor) {
      return query(parts, namespace, id, name, input, atTurn);
    }
  }
  const result = await answer();
  assertServes(parts, namespace, id);
  parts.metering?.answeredQuery(namespace);
  return result;
}

/** Answers from the last good state; UNAVAILABLE, with why it is held, where its code does not get as far as a handler. */
async function answerHeld(
  options: SideOptions,
  run: RunRow,
  held: Held,
  name: string,
  input: Payload,
): Promise<Payload> {
  let side: SideInstance;
  try {
    side = await sideInstance(options, run.eid, undefined, true);
  } catch (error) {
    if (!(error instanceof DfnsError)) throw error;
    throw heldBeforeQuery(run.id, held, name);
  }
  const { coroutine, workflow } = side;
  const comesLater = !coroutine.state.begun || workflow.queries.has(name);
  if (comesLater && !coroutine.handlers.queries.has(name)) throw heldBeforeQuery(run.id, held, name);
  return answerQuery(coroutine, workflow, name, input);
}

function heldBeforeQuery(id: string, { code, message }: Held, name: string): DfnsError {
  return new DfnsError(
    'UNAVAILABLE',
    `The execution "${id}" is held (${code}), and its code does not get as far as the handler of query "${name}". ${message}`,
    { details: { held: { code, message } } },
  );
}

/** Runs a query's handler on the state as it stands. It only reads: a ctx call in it throws. */
export function answerQuery(
  coroutine: Coroutine,
  workflow: AnyWorkflow | undefined,
  name: string,
  input: Payload,
): Payload {
  const { handlers, state } = coroutine;
  const handler = handlers.queries.get(name);
  if (!handler) {
    const names = [...new Set([...(workflow?.queries.keys() ?? []), ...handlers.queries.keys()])];
    if (names.includes(name)) {
      throw new DfnsError(
        'NOT_FOUND',
        `Workflow "${state.run.workflow}" declares query "${name}", but its code has not come to ctx.on for it so far.`,
        { details: { names } },
      );
    }
    throw new DfnsError(
      'NOT_FOUND',
      `There is no query "${name}" in workflow "${state.run.workflow}". ` +
        (names.length > 0 ? `It has: ${names.join(', ')}.` : 'It has none.'),
      { details: { names } },
    );
  }
  setRunning(null);
  let result: unknown;
  coroutine.enterStage(0);
  try {
    result = handler.run(decode(input));
  } catch (error) {
    throw queryFailed(name, error);
  } finally {
    coroutine.leaveStage();
  }
  if (result instanceof Promise) {
    result.catch(() => undefined);
    throw new DfnsError(
      'VALIDATION',
      `The handler of query "${name}" is asynchronous; a query's handler only reads, at once.`,
    );
  }
  const what = `The result of query "${name}"`;
  return encode(parseSyncWith(handler.query.outputSchema, result, what), what);
}

type SideOptions = Pick<EngineOptions, 'store' | 'workflows' | 'clock' | 'log' | 'determinism' | 'stage'>;

interface SideInstance {
  readonly coroutine: Coroutine;
  readonly workflow: AnyWorkflow;
}

/**
 * A run as it was after a turn, beside the one in memory and thrown away after. `upTo` undefined: as of its last turn.
 * NON_DETERMINISM is the caller's to hear of and holds nothing; with `lenient` the state before the difference counts.
 */
export async function sideInstance(
  options: SideOptions,
  eid: Eid,
  upTo: number | undefined,
  lenient = false,
): Promise<SideInstance> {
  const [loaded] = await options.store.load([eid]);
  if (!loaded) throw new DfnsError('NOT_FOUND', 'The run is not in the store any more.');
  const { run } = loaded;
  const workflow = workflowOf(options, run);
  const turns = joinRows(loaded.journal, loaded.snapshots)
    .filter(row => upTo === undefined || row.seq <= upTo)
    .map(row => decodeTurn(row.seq, row.turn));
  const last = turns.at(-1)?.seq ?? 0;
  if (upTo !== undefined && (upTo < 0 || upTo > last)) {
    throw new DfnsError('VALIDATION', `There is no turn ${upTo}: the run has turns 0 to ${last}.`, {
      details: { last },
    });
  }
  const build = async (kept: typeof turns) => {
    const coroutine = await replayTurns(options, run, workflow, kept);
    // One that goes on from another's prefix is itself, though the turn that says so is yet to come.
    if (upTo === undefined) coroutine.state.runId = run.runId;
    return { coroutine, workflow };
  };
  try {
    return await build(turns);
  } catch (error) {
    const turn = error instanceof DfnsError ? error.details?.['turn'] : undefined;
    if (!lenient || typeof turn !== 'number') throw error;
    return build(turns.filter(each => each.seq < turn));
  }
}
