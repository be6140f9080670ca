import { parseSyncWith } from '../definition/schema.ts';
import { DfnsError } from '../errors/dfns-error.ts';
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
    const side = await sideInstance(options, run.eid, atTurn, atTurn === undefined && run.held !== null);
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

/**
 * A run as it was after a turn, beside the one in memory and thrown away after. `upTo` undefined: as of its last turn.
 * NON_DETERMINISM is the caller's to hear of and holds nothing; with `lenient` the state before the difference counts.
 */
export async function sideInstance(
  options: Pick<EngineOptions, 'store' | 'workflows' | 'clock' | 'log' | 'determinism' | 'stage'>,
  eid: Eid,
  upTo: number | undefined,
  lenient: boolean,
): Promise<{ readonly coroutine: Coroutine; readonly workflow: AnyWorkflow }> {
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
  const build = async (kept: typeof turns) => ({
    coroutine: await replayTurns(options, run, workflow, kept),
    workflow,
  });
  try {
    return await build(turns);
  } catch (error) {
    const turn = error instanceof DfnsError ? error.details?.['turn'] : undefined;
    if (!lenient || typeof turn !== 'number') throw error;
    return build(turns.filter(each => each.seq < turn));
  }
}
