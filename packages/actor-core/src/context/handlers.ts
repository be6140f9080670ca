import { DfnsError, validation } from '../errors/dfns-error.ts';
import type { MessageId } from '../ids/ids.ts';
import { parseSyncWith } from '../definition/schema.ts';
import type { AnyQuery } from '../definition/query.ts';
import type { AnyUpdate } from '../definition/update.ts';
import { decode } from '../payload/decode.ts';
import { encode } from '../payload/encode.ts';
import { encodeError } from '../payload/error-payload.ts';
import type { Payload } from '../payload/payload.ts';
import type { RunState } from '../state/state.ts';
import type { HandlerRegistry, Issuer } from './issuer.ts';

type Handler = (input: unknown) => unknown;

interface AsyncHandler {
  readonly run: Handler;
  readonly serial: boolean;
  /** The run before, where one at a time is asked for. */
  last: Promise<unknown> | null;
}

interface UpdateHandler extends AsyncHandler {
  readonly update: AnyUpdate;
  readonly validate: ((input: unknown) => void) | null;
}

interface QueryHandler {
  readonly query: AnyQuery;
  readonly run: Handler;
}

const NONE: ReadonlyMap<string, never> = new Map<string, never>();

/** What a run registered with `ctx.on`. */
export class Handlers implements HandlerRegistry {
  // Most runs have none, and an empty Map takes 200 bytes.
  #signals: Map<string, AsyncHandler> | null = null;
  #updates: Map<string, UpdateHandler> | null = null;
  #queries: Map<string, QueryHandler> | null = null;
  readonly #issuer: () => Issuer;
  /** Called when an update's handler is there: updates that waited for it can be taken. */
  onUpdateHandler: (() => void) | null = null;

  constructor(issuer: () => Issuer) {
    this.#issuer = issuer;
  }

  get signals(): ReadonlyMap<string, AsyncHandler> {
    return this.#signals ?? NONE;
  }

  get updates(): ReadonlyMap<string, UpdateHandler> {
    return this.#updates ?? NONE;
  }

  get queries(): ReadonlyMap<string, QueryHandler> {
    return this.#queries ?? NONE;
  }

  onQuery(query: AnyQuery, run: Handler): void {
    (this.#queries ??= new Map()).set(query.name, { query, run });
  }

  onUpdate(update: AnyUpdate, run: Handler, validate: ((input: unknown) => void) | null, serial: boolean): void {
    (this.#updates ??= new Map()).set(update.name, { update, run, validate, serial, last: null });
    this.onUpdateHandler?.();
  }

  onSignal(name: string, run: Handler, serial: boolean): void {
    const { state } = this.#issuer();
    if (state.waiterFor(name)) {
      throw validation(`Signal "${name}" is being waited for: it cannot have a handler (ctx.on) as well.`);
    }
    (this.#signals ??= new Map()).set(name, { run, serial, last: null });
    for (let signal = takeUnread(state, name); signal; signal = takeUnread(state, name)) {
      this.signal(name, signal.payload);
    }
  }

  /** Runs the signal's handler; what it throws counts as a rejection that nobody handled. */
  signal(name: string, payload: Payload): boolean {
    const handler = this.signals.get(name);
    if (!handler) return false;
    const outcome = this.#issuer().promise<unknown>();
    invoke(handler, payload).then(
      () => outcome.resolve(undefined),
      error => outcome.reject(error),
    );
    return true;
  }

  /** Throws what the validator throws. Reads only. */
  validateUpdate(name: string, payload: Payload): void {
    const returned: unknown = this.updates.get(name)?.validate?.(decode(payload));
    if (!(returned instanceof Promise)) return;
    returned.catch(() => undefined);
    throw validation(`The validator of update "${name}" is asynchronous; a validator only reads, at once.`);
  }

  /** Runs the update's handler and answers with what comes of it. */
  update(id: MessageId, name: string, payload: Payload): void {
    const issuer = this.#issuer();
    const handler = this.updates.get(name);
    if (!handler)
      throw new DfnsError('NON_DETERMINISM', `Update "${name}" was handled, but no handler is registered now.`);
    const answer = (ok: boolean, result: Payload) => answerUpdate(issuer, id, ok, result);
    invoke(handler, payload).then(
      result => {
        try {
          const what = `The result of update "${name}"`;
          answer(true, encode(parseSyncWith(handler.update.outputSchema, result, what), what));
        } catch (error) {
          answer(false, encodeError(error));
        }
      },
      error => answer(false, encodeError(error)),
    );
  }
}

/** Records an update's outcome, once. */
export function answerUpdate(issuer: Issuer, id: MessageId, ok: boolean, payload: Payload): void {
  const { state } = issuer;
  if (!state.updates.has(id) || !issuer.inOwnTurn()) return;
  const command = issuer.issue({ kind: 'answer', id, ok, payload }, state.root);
  state.updates.delete(id);
  const outcome = { ok: command.ok, payload: command.payload };
  state.dedupe.answered(id, outcome);
  state.effects?.push({ kind: 'answer-update', id, outcome });
  issuer.updateAnswered();
}

export function closedBeforeAnswer(): DfnsError {
  return new DfnsError('CLOSED', 'The execution ended before the update was done.');
}

function takeUnread(state: RunState, name: string) {
  return state.unreadSignals > 0 ? state.signals.take([name]) : undefined;
}

function invoke(handler: AsyncHandler, payload: Payload): Promise<unknown> {
  const run = async () => handler.run(decode(payload));
  if (!handler.serial) return run();
  const next = handler.last ? handler.last.then(run) : run();
  handler.last = next.then(
    () => undefined,
    () => undefined,
  );
  return next;
}
