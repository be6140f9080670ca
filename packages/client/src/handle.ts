import { DfnsError, type AnyWorkflowReference } from '@dfnsjs/actor-core';
import {
  decode,
  encode,
  parseId,
  parseName,
  readOptions,
  type MessageId,
  type Payload,
} from '@dfnsjs/actor-core/values';
import { readAttributeChanges, readFrom, readReason, readTaskFailure } from './action-inputs.ts';
import { CALL_OPTION_NAMES, parseCall, withinCall } from './call-options.ts';
import { readDescription, readEvent, readResult } from './descriptions.ts';
import type { ClientEnvironment } from './environment.ts';
import type { Handle, Taken, TaskFailure } from './handle-types.ts';
import type { RetryRequest } from './operations/actions.ts';
import type { TakenReply } from './operations/messages.ts';
import type { WaitOptions } from './operations/operations.ts';
import { readPages } from './pages.ts';
import { readState, readTimeline } from './spans.ts';

/** Events that one request for history asks for. */
const HISTORY_PAGE = 1_000;

export function handleOf<Workflow extends AnyWorkflowReference>(
  environment: ClientEnvironment,
  id: string,
  runId: string | undefined,
): Handle<Workflow> {
  return new ExecutionHandle(environment, id, runId);
}

type Message = string | { readonly name: string };

class ExecutionHandle {
  readonly id: string;
  readonly runId: string | undefined;
  readonly #environment: ClientEnvironment;

  constructor(environment: ClientEnvironment, id: string, runId: string | undefined) {
    this.id = parseId(id, 'The id of an execution');
    this.runId = runId;
    this.#environment = environment;
  }

  get #address() {
    return { namespace: this.#environment.namespace, id: this.id };
  }

  async signal(signal: Message, value?: unknown, options?: unknown): Promise<Taken> {
    const message = this.#message('signal', signal, value);
    const reply = await this.#call(`Signal "${message.name}"`, options, abortSignal =>
      this.#environment.operations.signal(message, wait(abortSignal)),
    );
    return takenOf(reply);
  }

  async query(query: Message, value?: unknown, options?: unknown): Promise<never> {
    const name = nameOf(query, 'query');
    const { atTurn, ...call } = readOptions(options, `query "${name}"`, ['atTurn', ...CALL_OPTION_NAMES]);
    const turn = parseTurn(atTurn, `query "${name}"`);
    const payload = encode(value, `The input of query "${name}"`);
    const request = { ...this.#address, name, payload, atTurn: turn };
    const answer = await this.#call(`Query "${name}"`, call, abortSignal =>
      this.#environment.operations.query(request, wait(abortSignal)),
    );
    return decode(answer) as never;
  }

  async update(update: Message, value?: unknown, options?: unknown): Promise<never> {
    const message = this.#message('update', update, value);
    const answer = await this.#call(`Update "${message.name}"`, options, abortSignal =>
      this.#environment.operations.update(message, wait(abortSignal)),
    );
    return decode(answer) as never;
  }

  async startUpdate(update: Message, value?: unknown, options?: unknown): Promise<never> {
    const message = this.#message('update', update, value);
    const { updateId } = await this.#call(`Update "${message.name}"`, options, abortSignal =>
      this.#environment.operations.startUpdate(message, wait(abortSignal)),
    );
    return this.getUpdate(updateId) as never;
  }

  getUpdate(updateId: string) {
    const given = parseId(updateId, 'The id of an update');
    const request = { ...this.#address, updateId: given };
    return {
      updateId: given,
      result: async (options?: unknown): Promise<never> => {
        const answer = await this.#call(`The result of update "${given}"`, options, abortSignal =>
          this.#environment.operations.updateOutcome(request, wait(abortSignal)),
        );
        return decode(answer) as never;
      },
    };
  }

  async result(options?: unknown): Promise<never> {
    const { status, output } = await this.#call(`The result of "${this.id}"`, options, abortSignal =>
      this.#environment.operations.result(this.#address, wait(abortSignal)),
    );
    return readResult(status, output) as never;
  }

  async waitFor(
    query: Message,
    predicate: (answer: never) => boolean,
    value?: unknown,
    options?: unknown,
  ): Promise<never> {
    const { operations } = this.#environment;
    return this.#call(`waitFor on "${this.id}"`, options, async abort => {
      for (;;) {
        // Before the query: a turn between the two is then looked at, and not waited over.
        const turn = await operations.turn(this.#address, wait(abort));
        const answer = await this.query(query, value);
        if (predicate(answer)) return answer;
        abort?.throwIfAborted();
        if (!turn || !(await operations.turn({ ...this.#address, after: turn }, wait(abort)))) {
          const last = await this.query(query, value);
          if (predicate(last)) return last;
          throw new DfnsError(
            'CLOSED',
            `The execution "${this.id}" takes no more turns, and what was waited for is not so.`,
          );
        }
      }
    });
  }

  async describe(options?: unknown) {
    const description = await this.#call(`describe of "${this.id}"`, options, abortSignal =>
      this.#environment.operations.describe(this.#address, wait(abortSignal)),
    );
    return readDescription<never>(description);
  }

  history(options?: unknown) {
    const { runId, call } = readRunOptions(options, 'history');
    let run = runId;
    return readPages(
      cursor =>
        this.#call(`The history of "${this.id}"`, call, async abortSignal => {
          const request = { ...this.#address, runId: run, limit: HISTORY_PAGE, cursor };
          const page = await this.#environment.operations.history(request, wait(abortSignal));
          // Later pages are of the same run, whatever becomes the newest meanwhile.
          run = page.runId;
          return page;
        }),
      readEvent,
    );
  }

  async exportHistory(options?: unknown) {
    const { runId, call } = readRunOptions(options, 'exportHistory');
    return this.#call(`The history of "${this.id}"`, call, abortSignal =>
      this.#environment.operations.exportHistory({ ...this.#address, runId }, wait(abortSignal)),
    );
  }

  async timeline(options?: unknown) {
    const { runId, call } = readRunOptions(options, 'timeline');
    const timeline = await this.#call(`The timeline of "${this.id}"`, call, abortSignal =>
      this.#environment.operations.timeline({ ...this.#address, runId }, wait(abortSignal)),
    );
    return readTimeline(timeline);
  }

  async state(options?: unknown) {
    const { runId, atTurn, call } = readRunOptions(options, 'state', ['atTurn']);
    const state = await this.#call(`The state of "${this.id}"`, call, abortSignal =>
      this.#environment.operations.state({ ...this.#address, runId, atTurn }, wait(abortSignal)),
    );
    return readState(state);
  }

  async cancel(reason?: string, options?: unknown): Promise<Taken> {
    const request = this.#endRequest('cancel', reason);
    const reply = await this.#call(`cancel of "${this.id}"`, options, abortSignal =>
      this.#environment.operations.cancel(request, wait(abortSignal)),
    );
    return takenOf(reply);
  }

  async terminate(reason?: string, options?: unknown): Promise<void> {
    const request = this.#endRequest('terminate', reason);
    return this.#call(`terminate of "${this.id}"`, options, abortSignal =>
      this.#environment.operations.terminate(request, wait(abortSignal)),
    );
  }

  async retry(options?: unknown): Promise<{ readonly runId: string }> {
    const { from, ...call } = readOptions(options, 'retry', ['from', ...CALL_OPTION_NAMES]);
    const request: RetryRequest = { ...this.#address, from: readFrom(from) };
    const { runId } = await this.#call(`retry of "${this.id}"`, call, abortSignal =>
      this.#environment.operations.retry(request, wait(abortSignal)),
    );
    return { runId };
  }

  async delete(options?: unknown): Promise<void> {
    return this.#call(`delete of "${this.id}"`, options, () => this.#environment.operations.delete(this.#address));
  }

  async setAttributes(changes: unknown, options?: unknown): Promise<Taken> {
    const attributes = readAttributeChanges(changes);
    const request = { ...this.#address, attributes, messageId: this.#environment.chance.uuid() };
    const reply = await this.#call(`setAttributes of "${this.id}"`, options, abortSignal =>
      this.#environment.operations.setAttributes(request, wait(abortSignal)),
    );
    return takenOf(reply);
  }

  async retryTaskNow(command: number, options?: unknown): Promise<void> {
    const request = this.#task(command);
    return this.#call(`retryTaskNow of "${this.id}"`, options, abortSignal =>
      this.#environment.operations.retryTaskNow(request, wait(abortSignal)),
    );
  }

  async completeTask(command: number, result?: unknown, options?: unknown): Promise<void> {
    const request = { ...this.#task(command), result: encode(result, `The result of command ${command}`) };
    return this.#call(`completeTask of "${this.id}"`, options, abortSignal =>
      this.#environment.operations.completeTask(request, wait(abortSignal)),
    );
  }

  async failTask(command: number, error: TaskFailure, options?: unknown): Promise<void> {
    const request = { ...this.#task(command), error: readTaskFailure(error) };
    return this.#call(`failTask of "${this.id}"`, options, abortSignal =>
      this.#environment.operations.failTask(request, wait(abortSignal)),
    );
  }

  #task(command: number) {
    if (!Number.isSafeInteger(command) || command < 1) {
      throw new DfnsError('VALIDATION', 'A task is named by the number of its command, which the history has.');
    }
    return { ...this.#address, command, messageId: this.#environment.chance.uuid() };
  }

  #endRequest(action: 'cancel' | 'terminate', reason: unknown) {
    return {
      ...this.#address,
      reason: readReason(action, reason),
      messageId: this.#environment.chance.uuid(),
    };
  }

  #message(kind: 'signal' | 'update', message: Message, value: unknown) {
    const name = nameOf(message, kind);
    const payload: Payload = encode(value, `The payload of ${kind} "${name}"`);
    return { ...this.#address, name, payload, messageId: this.#environment.chance.uuid() as MessageId };
  }

  #call<T>(what: string, options: unknown, run: (abort: AbortSignal | undefined) => Promise<T>): Promise<T> {
    return withinCall(this.#environment.clock, parseCall(options, what), what, run);
  }
}

/** Options about one run: which, of some as of which turn, and how long the answer is waited for. */
function readRunOptions(options: unknown, what: string, others: readonly 'atTurn'[] = []) {
  const { runId, atTurn, ...call } = readOptions(options, what, ['runId', ...CALL_OPTION_NAMES, ...others]);
  const run = runId === undefined ? undefined : parseId(runId, `runId of ${what}`);
  return { runId: run, atTurn: parseTurn(atTurn, what), call };
}

function parseTurn(turn: unknown, what: string): number | undefined {
  if (turn === undefined || Number.isSafeInteger(turn)) return turn as number | undefined;
  throw new DfnsError('VALIDATION', `atTurn of ${what} must be the number of a turn.`);
}

function takenOf({ held }: TakenReply): Taken {
  return held ? { held } : {};
}

function wait(abortSignal: AbortSignal | undefined): WaitOptions | undefined {
  return abortSignal && { abortSignal };
}

function nameOf(message: Message, kind: string): string {
  return parseName(typeof message === 'string' ? message : message?.name, `The name of a ${kind}`);
}
