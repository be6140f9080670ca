import type { Delivery } from '../actor/mailbox.ts';
import { BOUNDS } from '../bounds.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import type { RunRow } from '../execution/execution.ts';
import { isOpen, type Status } from '../execution/status.ts';
import { shardOf } from '../ids/address.ts';
import type { Eid, MessageId, RunId, ShardId } from '../ids/ids.ts';
import { sameMessage } from '../ids/message-key.ts';
import { nearest } from '../options/known-options.ts';
import type { ActorCommit } from '../ports/store/commit.ts';
import { crashLoop, unregistered } from '../state/hold.ts';
import { workflow } from '../workflow/workflow.ts';
import { unavailable } from './answers.ts';
import { newActor, newCoroutine } from './birth.ts';
import { takenBy } from './closed.ts';
import type { WriteVerdict } from './committer.ts';
import type { Started, StartRequest } from './options.ts';
import type { EngineParts } from './parts.ts';
import { newResident, readOrStarted, type Resident, type StartInHand } from './residents.ts';

/**
 * Starts an execution, or answers as `onConflict`, `reuse` and the idempotency key say. `message` is taken in the same
 * turn as the start; where none is started it is left to the caller.
 */
export async function startExecution(
  parts: EngineParts,
  request: StartRequest,
  message: Delivery | null = null,
): Promise<Started> {
  const { options } = parts;
  const registered =
    request.version === undefined
      ? options.workflows.latest(request.workflow)
      : options.workflows.get(request.workflow, request.version);
  const code = registered ?? servedElsewhere(parts, request);
  if (!code) throw unknownWorkflow(parts, request);
  const shard = shardOf(request.namespace, request.id, options.shards);
  const before = request.repeated ? await startedBefore(parts, request, shard) : undefined;
  if (before) {
    message?.reply?.accepted();
    return before;
  }
  /** The closed run that has the id, and never took the message. */
  let expect: Eid | null = null;
  for (;;) {
    if (parts.stopping || !parts.owned.has(shard)) throw unavailable();
    const there = parts.residents.at(request.namespace, request.id);
    // An idempotent start asks the store: it may be the answer of an earlier one.
    if (there && !request.idempotency) {
      const known = await conflictInMemory(parts, request, there);
      if (known === 'again') continue;
      if (known) return known;
    }
    const now = options.clock.now();
    const eid = parts.numbers.next('start');
    const runId = request.runId ?? (options.chance.uuid() as RunId);
    const traced = { namespace: request.namespace, id: request.id, runId, workflow: code.name, shard };
    const headers = parts.tracing ? parts.tracing.starting(eid, traced, request) : request.headers;
    const run: RunRow = {
      eid,
      first: eid,
      namespace: request.namespace,
      id: request.id,
      runId,
      workflow: code.name,
      version: code.version,
      build: options.build,
      shard,
      status: 'running',
      startedAt: now,
      closedAt: null,
      wakeAt: 0,
      seed: Math.floor(options.chance.random() * Number.MAX_SAFE_INTEGER),
      lineage: null,
      parent: null,
      held: null,
      attributes: request.attributes,
      details: null,
      headers,
      deadline: code.timeoutMs === undefined ? null : now + code.timeoutMs,
      runDeadline: code.runTimeoutMs === undefined ? null : now + code.runTimeoutMs,
      input: request.input,
      output: null,
      carry: null,
      startedBy: request.startedBy,
      waiting: null,
      turns: 0,
      bytes: 0,
      lastError: null,
    };
    const resident = newResident(request.namespace, request.id, shard);
    resident.eid = eid;
    resident.loading = true;
    const actor = newActor(parts, newCoroutine(options, run, code), 0, code);
    resident.actor = actor;
    if (there) parts.aside.add(resident);
    else parts.residents.put(resident);
    const verdict = await new Promise<WriteVerdict>(settle => {
      resident.start = { request, message, expect, settle };
      actor.mailbox.put({
        message: { kind: 'start', at: 0, attributes: run.attributes },
        inbox: null,
        reply: null,
      });
      if (message) actor.mailbox.put(message);
      const deaths = options.deaths?.ofStart(request.namespace, request.id) ?? [];
      if (deaths.length >= BOUNDS.crashesBeforeHold) {
        actor.coroutine.fault = crashLoop('Its first turn', deaths.length);
      }
      if (!registered) actor.coroutine.fault = unregistered(run);
      parts.ready(actor);
    });
    if (verdict.kind !== 'done') parts.tracing?.forget(eid);
    switch (verdict.kind) {
      case 'done':
        parts.metering?.started(run);
        return { eid, id: run.id, runId: run.runId, workflow: run.workflow, version: run.version, existing: false };
      case 'duplicate': {
        if (verdict.hash !== request.idempotency?.hash) {
          throw new DfnsError(
            'ALREADY_EXISTS',
            `The idempotency key "${request.idempotency?.key}" was used for another call. Use a new key.`,
          );
        }
        const first = await describeRun(parts, verdict.eid);
        return { ...first, existing: true };
      }
      case 'exists': {
        if (message && request.idempotency && !isOpen(verdict.status)) {
          const first = await takerOf(parts, verdict.eid, message);
          if (first) return first;
          if (mayReuse(request, verdict.status)) {
            expect = verdict.eid;
            continue;
          }
        }
        const known = await conflict(parts, request, verdict.eid, verdict.status);
        if (known) return known;
        break;
      }
      case 'refused':
        throw new DfnsError('INTERNAL', `The store does not take the start of "${run.id}": ${verdict.message}`);
      default:
        throw unavailable();
    }
  }
}

/** In place of a workflow that another node has: its executions are stored here, and never run. */
function servedElsewhere({ options }: EngineParts, { workflow: name, version, definition }: StartRequest) {
  if (!definition) return undefined;
  const { timeoutMs, runTimeoutMs } = definition;
  const wanted = { name, version: version ?? definition.version };
  if (!options.servedElsewhere?.(wanted)) return undefined;
  return workflow({ ...wanted, timeout: timeoutMs, runTimeout: runTimeoutMs }, () => undefined);
}

/** What an earlier try of the call started, whoever owned the shard then. */
async function startedBefore(parts: EngineParts, request: StartRequest, shard: ShardId): Promise<Started | undefined> {
  if (parts.stopping || !parts.owned.has(shard)) throw unavailable();
  let there = parts.residents.at(request.namespace, request.id);
  while (there?.loading) {
    await readOrStarted(there);
    there = parts.residents.at(request.namespace, request.id);
  }
  const current = await parts.options.store.current(request.namespace, request.id);
  const run =
    current && current.first !== current.eid ? (await parts.options.store.load([current.first]))[0]?.run : current;
  if (run?.runId !== request.runId || run === undefined) return undefined;
  const { eid, id, runId, workflow, version } = run;
  return { eid, id, runId, workflow, version, existing: false };
}

/** Whether the closed run that has the id lets it be used again. */
function mayReuse(request: StartRequest, status: Status): boolean {
  if (request.reuse === 'always') return true;
  return request.reuse === 'after-failure' && status !== 'completed';
}

/** Its first commit is answered, or nobody will answer it. */
export function endStart(parts: EngineParts, resident: Resident): StartInHand | null {
  const { start } = resident;
  resident.start = null;
  if (parts.aside.size > 0) parts.aside.delete(resident);
  return start;
}

/** The start's commit was refused: its actor does not come to be. */
export function undoStart(parts: EngineParts, resident: Resident, { message }: StartInHand): void {
  const mail = resident.actor!.abandon().filter(each => each.message.kind !== 'start' && each !== message);
  parts.residents.remove(resident);
  parts.resting.gone(resident.actor!);
  resident.actor = null;
  resident.mail.push(...mail);
}

async function conflictInMemory(
  parts: EngineParts,
  request: StartRequest,
  there: Resident,
): Promise<Started | 'again' | undefined> {
  if (there.loading) {
    await readOrStarted(there);
    return 'again';
  }
  const run = there.actor?.state.run;
  const eid = run?.eid ?? there.held?.eid;
  if (eid === undefined || there.actor?.state.ending) {
    if (there.actor?.committing) {
      await new Promise<void>(resolve => (there.actor!.whenSettled ??= []).push(resolve));
      return 'again';
    }
    return undefined;
  }
  if (!parts.options.serves(there.shard)) throw unavailable();
  return (await conflict(parts, request, eid, 'running')) ?? 'again';
}

/** undefined: the way is free, try again. */
async function conflict(
  parts: EngineParts,
  request: StartRequest,
  eid: Eid,
  status: Status,
): Promise<Started | undefined> {
  const { id, onConflict } = request;
  if (!isOpen(status)) {
    throw new DfnsError('ALREADY_EXISTS', `The execution "${id}" exists and has ended as ${status}.`, {
      details: { id, status, reuse: request.reuse },
    });
  }
  switch (onConflict) {
    case 'fail':
      throw new DfnsError('ALREADY_RUNNING', `The execution "${id}" is running.`, { details: { id } });
    case 'use-existing':
      return { ...(await describeRun(parts, eid)), existing: true };
    case 'terminate-existing':
      try {
        await terminate(parts, request.namespace, id, 'A new execution with this id was started.');
      } catch (error) {
        if (!(error instanceof DfnsError) || (error.code !== 'CLOSED' && error.code !== 'NOT_FOUND')) throw error;
      }
      return undefined;
  }
}

/** The run, where it took the message before it ended: an idempotent call is answered by it. */
async function takerOf(parts: EngineParts, eid: Eid, { message }: Delivery): Promise<Started | undefined> {
  const [loaded] = await parts.options.store.load([eid]);
  if (!loaded || !('id' in message) || !message.id || !takenBy(loaded).has(sameMessage(message.id))) return undefined;
  const { id, runId, workflow, version } = loaded.run;
  return { eid, id, runId, workflow, version, existing: true };
}

async function describeRun(parts: EngineParts, eid: Eid): Promise<Omit<Started, 'existing'>> {
  const run = parts.residents.byEid(eid)?.actor?.state.run ?? (await parts.options.store.load([eid]))[0]?.run;
  if (!run) throw unavailable();
  return { eid, id: run.id, runId: run.runId, workflow: run.workflow, version: run.version };
}

function unknownWorkflow(parts: EngineParts, request: StartRequest): DfnsError {
  const names = parts.options.workflows.names();
  const version = request.version === undefined ? '' : `, version ${request.version},`;
  const near = nearest(request.workflow, names);
  return new DfnsError(
    'UNKNOWN_WORKFLOW',
    `Workflow "${request.workflow}"${version} is not registered. ` +
      (near === undefined || near === request.workflow ? '' : `Did you mean "${near}"? `) +
      (names.length > 0 ? `Registered are: ${names.slice(0, 20).join(', ')}.` : 'None is.'),
    { details: { names: names.slice(0, 100) } },
  );
}

/** The next run of an execution that continues as new. */
export function nextRun(parts: EngineParts, run: RunRow, version: number, changes: Partial<RunRow>): RunRow {
  const { options } = parts;
  const now = options.clock.now();
  const workflow = options.workflows.get(run.workflow, version);
  return {
    ...run,
    eid: parts.numbers.next('chain'),
    runId: options.chance.uuid() as RunId,
    version,
    build: options.build,
    status: 'running',
    // Runs of an execution stand in the order of their starts, though the clock of one node is behind another's.
    startedAt: Math.max(now, run.startedAt + 1),
    closedAt: null,
    held: null,
    wakeAt: 0,
    lineage: null,
    seed: Math.floor(options.chance.random() * Number.MAX_SAFE_INTEGER),
    runDeadline: workflow?.runTimeoutMs === undefined ? null : now + workflow.runTimeoutMs,
    output: null,
    waiting: null,
    turns: 0,
    bytes: 0,
    lastError: null,
    ...changes,
  };
}

/** What the first write of a run says beside its row. */
export function openingOf(
  parts: EngineParts,
  { request, expect }: StartInHand,
  run: RunRow,
): Pick<ActorCommit, 'current' | 'idempotency'> {
  const { idempotency } = request;
  if (!idempotency) return { current: { expect } };
  const row = {
    namespace: run.namespace,
    key: `${idempotency.operation ?? 'start'}/${run.workflow}/${idempotency.key}`,
    hash: idempotency.hash,
    eid: run.eid,
    expiresAt: parts.options.clock.now() + BOUNDS.idempotencyMs,
  };
  return { current: { expect }, idempotency: row };
}

/**
 * Writes what a start or a turn of one says. Where the id points at a closed run that may be used again, the same write
 * follows on that run; but not of an idempotent message, which that run may have taken.
 */
export function writeOpening(
  parts: EngineParts,
  namespace: string,
  start: StartInHand | null,
  entry: ActorCommit,
  settled: (verdict: WriteVerdict) => void,
): void {
  parts.committer.write(namespace, entry, verdict => {
    if (verdict.kind !== 'exists' || !start || isOpen(verdict.status) || !mayReuse(start.request, verdict.status)) {
      return settled(verdict);
    }
    if (start.message && start.request.idempotency) return settled(verdict);
    start.expect = verdict.eid;
    writeOpening(parts, namespace, start, { ...entry, current: { expect: verdict.eid } }, settled);
  });
}

function terminate(parts: EngineParts, namespace: string, id: string, reason: string): Promise<void> {
  const message = { kind: 'terminate', at: 0, id: parts.options.chance.uuid() as MessageId, reason } as const;
  return new Promise((resolve, reject) => {
    const reply = { accepted: () => resolve(), refused: reject };
    parts.deliver(namespace, id, { message, inbox: null, reply });
  });
}
