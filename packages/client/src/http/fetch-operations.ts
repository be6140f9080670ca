import { DfnsError, TimeoutError, type ErrorCode } from '@dfnsjs/actor-core';
import type { Chance, Clock, Timer } from '@dfnsjs/actor-core/ports';
import { encode } from '@dfnsjs/actor-core/values';
import type { StartVerdict } from '../operations/batch.ts';
import type { ToldChange, EventsRequest, ResetEvent } from '../operations/events.ts';
import type { StartReply, StartRequest } from '../operations/executions.ts';
import type { HistoryEvent, HistoryReply } from '../operations/history.ts';
import type { Operations, WaitOptions } from '../operations/operations.ts';
import { readAnswer } from './answers.ts';
import { BATCH, firstRequest, readVerdict, textLines, writeLine, type BatchLine } from './batch.ts';
import { BINDINGS, MAX_WAIT_MS, type Binding, type OperationName } from './bindings.ts';
import { MAY_RETRY, readErrorBody } from './errors.ts';
import { resumed } from './event-stream.ts';
import type { Fetch, Fetched } from './fetch.ts';
import { fromTagged, toJson } from './json.ts';
import { HEADERS } from './headers.ts';
import { PayloadReference } from './payload-reference.ts';
import { pause } from './pause.ts';
import { writeRequest, type OperationRequest } from './requests.ts';
import { writeSegment } from './segment.ts';

export interface FetchOptions {
  /** Of a node, or of what stands before several. */
  readonly url: URL;
  readonly apiKey: string | undefined;
  /** At one request, the first included. */
  readonly attempts: number;
  readonly fetch: Fetch;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly chance: Chance;
}

/** Between attempts: 100 ms, doubling, with jitter, or what the server asks for. */
const BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5_000;
/** Beyond what the server may wait by itself, an attempt has failed. */
const ATTEMPT_MS = MAX_WAIT_MS + 10_000;

/**
 * The operations of a node, over HTTP. Attempts are repeated where the node or the way to it fails: each request
 * carries one key over all its attempts, so that it takes effect once.
 */
export function fetchOperations(options: FetchOptions): Operations {
  const exchange = new Exchange(options);
  const operations: Partial<Record<OperationName, unknown>> = {};
  for (const name of Object.keys(BINDINGS) as OperationName[]) {
    const binding: Binding = BINDINGS[name];
    if (binding.streams) continue;
    operations[name] = (request: OperationRequest, wait?: WaitOptions) =>
      exchange.ask(binding, request, wait?.abortSignal);
  }
  const bound = operations as unknown as Operations;
  const { history } = bound;
  const start: Operations['start'] = async (request, wait) => {
    const key = request.idempotencyKey ?? options.chance.uuid();
    return asCalled(request, await bound.start({ ...request, idempotencyKey: key }, wait));
  };
  return {
    ...bound,
    start,

    async startBatch({ items }, wait) {
      const lines = items.map((item, index) =>
        writeLine({ ...item, idempotencyKey: item.idempotencyKey ?? options.chance.uuid() }, index),
      );
      const namespace = items[0]?.namespace ?? '';
      const verdicts = await exchange.batch(namespace, lines, wait?.abortSignal);
      return {
        verdicts: verdicts.map((verdict, index) =>
          verdict.ok ? { ok: true, started: asCalled(items[index]!, verdict.started) } : verdict,
        ),
      };
    },

    events: (request, wait) => exchange.events(request, wait?.abortSignal),

    async history(request, wait) {
      const page = await history(request, wait);
      return { ...page, items: await exchange.inline(page, request, wait?.abortSignal) };
    },
  };
}

/** Under a key that was made here, the first start was ours, whose answer was lost. */
function asCalled({ idempotencyKey, onConflict }: StartRequest, started: StartReply): StartReply {
  const isOurs = idempotencyKey === undefined && onConflict !== 'use-existing';
  return isOurs ? { ...started, existing: false } : started;
}

/** Of a request, but for what all have. */
type Init = Omit<Parameters<Fetch>[1], 'redirect' | 'signal'>;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

class Exchange {
  readonly #options: FetchOptions;

  constructor(options: FetchOptions) {
    this.#options = options;
  }

  async ask(binding: Binding, request: OperationRequest, abort: AbortSignal | undefined): Promise<unknown> {
    const { path, query, body, hasBody } = writeRequest(binding, request);
    query.set('types', 'tagged');
    const waits = binding.waits && request['wait'] !== 'accepted';
    if (waits) query.set('wait', `${MAX_WAIT_MS}ms`);
    if (binding === BINDINGS.history) query.set('payloads', 'inline');
    const key = request['idempotencyKey'] ?? request['messageId'];
    const { traceparent } = request;
    const init = {
      method: binding.method,
      headers: {
        ...this.#headers(request['namespace'] as string, key as string | undefined, hasBody),
        ...(typeof traceparent === 'string' ? { [HEADERS.traceparent]: traceparent } : {}),
      },
      ...(hasBody ? { body: toJson(body, 'tagged') } : {}),
    };
    for (;;) {
      const { status, body } = await this.#attempts(`${path}?${query.toString()}`, init, abort);
      // Still waiting: asked again, under the same key.
      if (status === 202 && waits) continue;
      return binding === BINDINGS.history ? readHistory(body) : readAnswer(binding, body);
    }
  }

  /** Goes on over cuts; rejects where no attempt to ask again finds a node. */
  events({ lastEventId, ...request }: EventsRequest, abort: AbortSignal | undefined) {
    const binding: Binding = BINDINGS.events;
    const { path, query } = writeRequest(binding, request);
    const headers = { ...this.#headers(request.namespace, undefined, false), accept: 'text/event-stream' };
    const open = (cursor: string | undefined, signal: AbortSignal) => {
      const asked = cursor === undefined ? headers : { ...headers, [HEADERS.lastEventId]: cursor };
      const init = { method: binding.method, headers: asked };
      return this.#repeated(() => this.#stream(`${path}?${query.toString()}`, init, signal), signal);
    };
    const read = (data: string) => {
      const event = JSON.parse(data) as ResetEvent | object;
      if ('type' in event && event.type === 'reset') return event;
      return readAnswer(binding, event) as ToldChange;
    };
    const { clock, chance } = this.#options;
    return resumed({ clock, chance, open, read }, lastEventId, abort);
  }

  /** The events of a page with the payloads that were too large to come along. */
  inline({ runId, items }: HistoryReply, request: OperationRequest, abort: AbortSignal | undefined) {
    return Promise.all(
      items.map(async (event: HistoryEvent & { readonly [LARGE]?: PayloadReference }) => {
        const large = event[LARGE];
        if (!large) return event;
        const path = `/v1/executions/${writeSegment(String(request['id']))}/payloads/${writeSegment(large.ref)}`;
        const headers = this.#headers(request['namespace'] as string, undefined, false);
        const { body } = await this.#attempts(`${path}?types=tagged`, { method: 'GET', headers }, abort);
        if (!body) throw new DfnsError('INTERNAL', `The payload ${large.ref} of run ${runId} is gone.`);
        const { value } = body as { readonly value: unknown };
        return { ...event, value: encode(value, 'value', Infinity) };
      }),
    );
  }

  /**
   * What became of each start. What has no verdict, or one that asks to come again, is sent again under its key, for as
   * long as some get one.
   */
  async batch(
    namespace: string,
    lines: readonly BatchLine[],
    abort: AbortSignal | undefined,
  ): Promise<readonly StartVerdict[]> {
    const verdicts: StartVerdict[] = [];
    const headers = { ...this.#headers(namespace, undefined, false), 'content-type': BATCH.type };
    let open = lines;
    for (let attempt = 1; open.length > 0;) {
      abort?.throwIfAborted();
      const sent = firstRequest(open);
      let at = 0;
      const init = { method: 'POST', headers, body: sent.map(({ text }) => text).join('') };
      const failure = await this.#response(`${BATCH.path}?types=tagged`, init, abort, async (response, isAlive) => {
        if (!response.ok || !response.body) return this.#refusal(response);
        for await (const text of textLines(chunksOf(response.body, isAlive))) {
          const line = sent[at++];
          if (line) verdicts[line.index] = readVerdict(text);
        }
        return at < sent.length ? new DfnsError('UNAVAILABLE', 'The answer to many starts ended early.') : undefined;
      }).catch((error: unknown) => {
        abort?.throwIfAborted();
        return this.#unreachable(error);
      });
      const again = sent.filter(({ index }) => mayRetry(verdicts[index]));
      attempt = again.length < sent.length ? 1 : attempt + 1;
      open = [...again, ...open.slice(sent.length)];
      if (attempt > this.#options.attempts || (failure && !MAY_RETRY.has(failure.code))) {
        if (failure) throw failure;
        // They are refused as often as they are asked for: so it stays.
        open = open.slice(again.length);
        attempt = 1;
      } else if (again.length > 0) await this.#pause(attempt, failure ?? errorOf(verdicts[again[0]!.index]), abort);
    }
    return verdicts;
  }

  #headers(namespace: string, key: string | undefined, hasBody: boolean): Record<string, string> {
    const { apiKey } = this.#options;
    return {
      // A header holds no other characters; the server decodes it.
      [HEADERS.namespace]: encodeURIComponent(namespace),
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      ...(key === undefined ? {} : { [HEADERS.idempotencyKey]: encodeURIComponent(key) }),
    };
  }

  #attempts(path: string, init: Init, abort: AbortSignal | undefined): Promise<Answer> {
    return this.#repeated(() => this.#attempt(path, init, abort), abort);
  }

  async #repeated<T extends object>(
    attempted: () => Promise<T | DfnsError>,
    abort: AbortSignal | undefined,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      abort?.throwIfAborted();
      const outcome = await attempted().catch((error: unknown) => {
        abort?.throwIfAborted();
        return this.#unreachable(error);
      });
      if (!(outcome instanceof DfnsError)) return outcome;
      if (attempt >= this.#options.attempts || !MAY_RETRY.has(outcome.code)) throw outcome;
      await this.#pause(attempt, outcome, abort);
    }
  }

  #attempt(path: string, init: Init, abort: AbortSignal | undefined): Promise<Answer | DfnsError> {
    return this.#response(path, init, abort, response => this.#read(response));
  }

  /** Sends a request and reads its response, which must tell again and again that it comes. */
  async #response<T>(
    path: string,
    init: Init,
    abort: AbortSignal | undefined,
    read: (response: Fetched, isAlive: () => void) => Promise<T>,
  ): Promise<T> {
    const attempt = new AbortController();
    const passOn = () => attempt.abort(abort?.reason);
    abort?.addEventListener('abort', passOn, { once: true });
    let timer = this.#deadline(attempt);
    const isAlive = () => {
      timer.cancel();
      timer = this.#deadline(attempt);
    };
    try {
      return await read(await this.#send(path, init, attempt.signal), isAlive);
    } finally {
      timer.cancel();
      abort?.removeEventListener('abort', passOn);
    }
  }

  /** The body of a stream; it goes on after this, until its end or the abort. */
  async #stream(path: string, init: Init, abort: AbortSignal): Promise<ReadableStream<Uint8Array> | DfnsError> {
    const attempt = new AbortController();
    abort.addEventListener('abort', () => attempt.abort(abort.reason), { once: true });
    const timer = this.#deadline(attempt);
    try {
      const response = await this.#send(path, init, attempt.signal);
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
      if (response.ok && isStream && response.body) return response.body;
      return await this.#refusal(response);
    } finally {
      timer.cancel();
    }
  }

  /** Of a response that is not what was asked for. */
  async #refusal(response: Fetched): Promise<DfnsError> {
    const answer = await this.#read(response);
    return answer instanceof DfnsError ? answer : this.#foreign(answer.status);
  }

  #deadline(attempt: AbortController): Timer {
    const { url, clock } = this.#options;
    return clock.setTimer(clock.now() + ATTEMPT_MS, () =>
      attempt.abort(new TimeoutError(`${url.origin} did not answer within ${ATTEMPT_MS} ms.`)),
    );
  }

  #send(path: string, init: Init, signal: AbortSignal): Promise<Fetched> {
    const { url, fetch } = this.#options;
    const base = url.href.endsWith('/') ? url.href.slice(0, -1) : url.href;
    return fetch(base + path, { ...init, redirect: 'error', signal });
  }

  async #read(response: Fetched): Promise<Answer | DfnsError> {
    const text = await response.text();
    const body = text === '' ? undefined : parse(text);
    if (response.ok && body !== FOREIGN) return { status: response.status, body };
    return readErrorBody(body) ?? this.#foreign(response.status);
  }

  #unreachable(error: unknown): DfnsError {
    if (error instanceof DfnsError && error.code !== 'TIMEOUT') return error;
    const { cause = error } = error instanceof Error ? error : {};
    const why = cause instanceof Error ? cause.message || cause.name : String(cause);
    return new DfnsError(
      'UNAVAILABLE',
      `${this.#options.url.origin} cannot be reached (${why}). Is a node running there?`,
      {
        cause: error,
      },
    );
  }

  /** What a proxy says, or something that is no node. */
  #foreign(status: number): DfnsError {
    const { origin } = this.#options.url;
    const isTrouble = status === 429 || status === 502 || status === 503 || status === 504;
    return new DfnsError(
      isTrouble ? 'UNAVAILABLE' : 'INTERNAL',
      `${origin} answered ${status}, and not as dfns does. Check the URL, and what stands between.`,
      { details: { status } },
    );
  }

  #pause(attempt: number, error: DfnsError, abort: AbortSignal | undefined): Promise<void> {
    const { clock, chance } = this.#options;
    const asked = error.details?.['retryAfterMs'];
    const backoff = BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + chance.random());
    const ms = Math.min(typeof asked === 'number' ? asked : backoff, MAX_BACKOFF_MS);
    return pause(clock, ms, abort);
  }
}

const FOREIGN = Symbol('an answer that is not tagged JSON');
/** Of an event: its payload stayed behind. */
const LARGE = Symbol('large payload');

function parse(text: string): unknown {
  try {
    return fromTagged(JSON.parse(text));
  } catch {
    return FOREIGN;
  }
}

function mayRetry(verdict: StartVerdict | undefined): boolean {
  return !verdict || (!verdict.ok && MAY_RETRY.has(verdict.error.code as ErrorCode));
}

function errorOf(verdict: StartVerdict | undefined): DfnsError {
  const { code, message, details } = verdict && !verdict.ok ? verdict.error : { code: 'UNAVAILABLE', message: '' };
  return new DfnsError(code as ErrorCode, message, details ? { details } : {});
}

/** Not every browser iterates over streams. */
async function* chunksOf(body: ReadableStream<Uint8Array>, isAlive: () => void): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      isAlive();
      yield chunk.value;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function readHistory(body: unknown): unknown {
  const { items, ...rest } = body as { readonly items: readonly Record<string, unknown>[] };
  const large = items.map(({ value }) => (value instanceof PayloadReference ? value : undefined));
  const here = items.map(event => {
    if (!(event['value'] instanceof PayloadReference)) return event;
    const { value: _, ...others } = event;
    return others;
  });
  const page = readAnswer(BINDINGS.history, { ...rest, items: here }) as HistoryReply;
  return {
    ...page,
    items: page.items.map((event, index) => (large[index] ? { ...event, [LARGE]: large[index] } : event)),
  };
}
