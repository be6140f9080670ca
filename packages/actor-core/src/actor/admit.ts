import { DfnsError, keyUsed } from '../errors/dfns-error.ts';
import { TimeoutError } from '../errors/timeout-error.ts';
import { mergeAttributes } from '../execution/attributes.ts';
import type { MessageId } from '../ids/ids.ts';
import type { Message, TaskFailedMessage, TaskOverrideMessage, UpdateMessage } from '../message/message.ts';
import { parseSyncWith } from '../definition/schema.ts';
import { decode } from '../payload/decode.ts';
import { encode } from '../payload/encode.ts';
import { encodeError } from '../payload/error-payload.ts';
import { nextAttempt, type NextAttempt } from '../state/retry.ts';
import { taskInHand } from '../state/receive/task-result.ts';
import type { RunState } from '../state/state.ts';
import type { AttemptOutcome } from '../task/attempt.ts';
import type { Millis } from '../time/duration.ts';
import type { Coroutine } from './coroutine.ts';
import { inboxKeyText, type Delivery } from './mailbox.ts';
import { setRunning } from './running.ts';

/** A completion on its way: what an attempt came to, before it is decided whether another follows. */
export interface AttemptFailure extends TaskFailedMessage {
  readonly failed: Extract<AttemptOutcome, { kind: 'failed' }>;
  /** Why no attempt follows, once that is decided. */
  gaveUp?: Extract<NextAttempt, { kind: 'give-up' }>['because'];
}

/** An override on its way. */
export interface TaskOverride extends TaskOverrideMessage {
  /** The name of its task. */
  task?: string;
}

export interface AdmissionEnvironment {
  now(): Millis;
  /** The clock as the round began: one reading does for all its messages. */
  roundNow(): Millis;
  /** 0 to below 1. */
  chance(): number;
}

/** Of an actor, what decides whether it takes a message. */
export interface Admitting {
  readonly state: RunState;
  readonly coroutine: Coroutine;
  /** Keys of the inbox rows taken since activation. */
  readonly taken: ReadonlySet<string> | null;
}

export type Admitted =
  | { readonly kind: 'apply' }
  /** Taken before, or nobody's to take. */
  | { readonly kind: 'known' }
  /** Answered at once; leaves no trace. */
  | { readonly kind: 'refused'; readonly error: Error }
  /** An update whose handler is declared but not registered yet. */
  | { readonly kind: 'early' }
  /** For something that is not pending any more. */
  | { readonly kind: 'moot' };

const APPLY: Admitted = { kind: 'apply' };
const KNOWN: Admitted = { kind: 'known' };
const MOOT: Admitted = { kind: 'moot' };
const EARLY: Admitted = { kind: 'early' };

/**
 * What only happens live, before a message becomes part of the journal: known ones are dropped, updates validated, the
 * time of the message set and the next attempt of a failed task decided. Replay applies what came of it.
 */
export function admit(
  actor: Admitting,
  delivery: Delivery,
  environment: AdmissionEnvironment,
  declaredUpdates: ReadonlyMap<string, unknown>,
): Admitted {
  const { state } = actor;
  const { message } = delivery;
  // Sent to an execution that has ended, whose id this one has now.
  if (delivery.inbox && (delivery.inbox.receiver !== state.run.first || isTaken(actor, delivery))) return KNOWN;
  switch (message.kind) {
    case 'signal':
      if (message.id) {
        const known = state.known(message.id);
        if (known) return asKnown(known.id, message.id);
      }
      break;
    case 'cancel':
    case 'terminate': {
      const known = state.known(message.id);
      if (known) return asKnown(known.id, message.id);
      break;
    }
    case 'amend': {
      const known = state.known(message.id);
      if (known) return asKnown(known.id, message.id);
      const refusal = refusalOf(() => mergeAttributes(state.attributes ?? undefined, message.changes));
      if (refusal) return refusal;
      break;
    }
    case 'task-override': {
      const known = state.known(message.id);
      if (known) return asKnown(known.id, message.id);
      const refusal = refusalOf(() => admitOverride(state, message));
      if (refusal) return refusal;
      break;
    }
    case 'update': {
      const known = state.known(message.id);
      if (known) return asKnown(known.id, message.id);
      const verdict = admitUpdate(actor, message, declaredUpdates);
      if (verdict) return verdict;
      break;
    }
    case 'task-done':
      if (!taskInHand(state, message.command, message.attempt)) return MOOT;
      break;
    case 'task-failed':
      if (!decideRetry(state, message as AttemptFailure, environment)) return MOOT;
      break;
    case 'timer': {
      const pending = state.pending.get(message.command);
      if (!pending || pending.kind === 'task' || pending.kind === 'send') return MOOT;
      message.at = Math.max(message.at, pending.kind === 'timer' ? pending.due : (pending.due ?? 0));
      break;
    }
    case 'sent':
    case 'task-started':
      if (!state.pending.has(message.command)) return MOOT;
      break;
    case 'timeout':
      if (message.of === 'cleanup' ? state.timedOut === null : state.timedOut !== null) return MOOT;
      break;
    case 'start':
    case 'crash':
    case 'retry':
    case 'reset':
      break;
  }
  message.at = atOf(message, state, environment.roundNow());
  return APPLY;
}

/** Of one key with two bodies the second is told so. */
function asKnown(taken: MessageId, id: MessageId): Admitted {
  return taken === id ? KNOWN : { kind: 'refused', error: keyUsed() };
}

function refusalOf(check: () => unknown): Admitted | null {
  try {
    check();
    return null;
  } catch (error) {
    return { kind: 'refused', error: error as Error };
  }
}

/** Throws where the task cannot be given what the operator says; the result becomes what the output's schema gives. */
function admitOverride(state: RunState, message: TaskOverrideMessage): void {
  const task = state.pending.get(message.command);
  if (task?.kind !== 'task') {
    const pending = state.pending.values().filter(each => each.kind === 'task');
    throw new DfnsError(
      'NOT_FOUND',
      `Command ${message.command} of "${state.run.id}" is no pending task. ` +
        (pending.length > 0
          ? `Pending are: ${pending
              .slice(0, 20)
              .map(each => `${each.n} ("${each.name}")`)
              .join(', ')}.`
          : 'None is pending.'),
      { details: { commands: pending.slice(0, 100).map(each => each.n) } },
    );
  }
  (message as TaskOverride).task = task.name;
  if (message.action === 'retry-now' && task.retryAt === null) {
    throw new DfnsError(
      'NOT_RETRYABLE',
      `Task "${task.name}" (command ${task.n}) waits for no retry: attempt ${task.attempt} is in hand.`,
    );
  }
  const schema = typeof task.body === 'function' ? undefined : task.body.outputSchema;
  if (message.action !== 'complete' || !schema) return;
  const what = `The result of task "${task.name}"`;
  const value = message.payload === null ? undefined : decode(message.payload);
  const mutable = message as { -readonly [K in keyof TaskOverrideMessage]: TaskOverrideMessage[K] };
  mutable.payload = encode(parseSyncWith(schema, value, what), what);
}

function isTaken(actor: Admitting, { inbox }: Delivery): boolean {
  return inbox !== null && (actor.taken?.has(inboxKeyText(inbox)) ?? false);
}

/** Never back, never before the due time of the timer it is. */
function atOf(message: Message, state: RunState, now: Millis): Millis {
  const due = message.kind === 'timer' || message.kind === 'timeout' ? message.at : 0;
  return Math.max(state.at, now, due);
}

function admitUpdate(
  actor: Admitting,
  message: UpdateMessage,
  declared: ReadonlyMap<string, unknown>,
): Admitted | null {
  const { handlers } = actor.coroutine;
  if (!handlers.updates.has(message.name)) {
    if (declared.has(message.name)) return EARLY;
    const names = [...new Set([...declared.keys(), ...handlers.updates.keys()])];
    return {
      kind: 'refused',
      error: new DfnsError(
        'NOT_FOUND',
        `There is no update "${message.name}" in workflow "${actor.state.run.workflow}". ` +
          (names.length > 0 ? `It has: ${names.join(', ')}.` : 'It has none.'),
        { details: { names } },
      ),
    };
  }
  // A validator only reads: a ctx call in it is one from outside a turn.
  setRunning(null);
  try {
    handlers.validateUpdate(message.name, message.payload);
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', error: new DfnsError('UPDATE_REJECTED', reason, { cause: error }) };
  } finally {
    setRunning(actor.coroutine);
  }
}

/** Fills in when the next attempt begins; false where exactly this attempt is not in hand. */
function decideRetry(state: RunState, message: AttemptFailure, environment: AdmissionEnvironment): boolean {
  const task = taskInHand(state, message.command, message.attempt);
  if (!task) return false;
  const { failed } = message;
  const next = nextAttempt(
    task.policy.retry,
    {
      counted: task.counted + (message.counts ? 1 : 0),
      final: failed.final,
      afterMs: failed.afterMs,
      deadline: task.deadline,
    },
    environment.now(),
    environment.chance(),
  );
  const mutable = message as { -readonly [K in keyof AttemptFailure]: AttemptFailure[K] };
  if (next.kind === 'retry') {
    message.retryAt = next.at;
    return true;
  }
  message.gaveUp = next.because;
  if (next.because === 'deadline') {
    const error = new TimeoutError(`Task "${task.name}" ran out of its totalTimeout.`, { cause: failed.error });
    mutable.error = encodeError(error);
  }
  return true;
}
