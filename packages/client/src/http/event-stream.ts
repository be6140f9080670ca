import { DfnsError } from '@dfnsjs/actor-core';
import type { Chance, Clock, Timer } from '@dfnsjs/actor-core/ports';
import type { ToldChange, EventItem } from '../operations/events.ts';
import { pause } from './pause.ts';
import { sentEvents } from './server-sent-events.ts';

/** Two comments of the server are missing: nobody is there any more, whatever the socket says. */
const SILENCE_MS = 40_000;
/** Between a cut and the next try, doubling with each that brought no event; with jitter. */
const BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;
/** What a server may ask for instead. */
const LONGEST_RETRY_MS = 60_000;

export interface EventStreamOptions {
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly chance: Pick<Chance, 'random'>;
  /** Asks for the stream after an event, or from now on. Its body ends with the abort. Rejects where no node answers. */
  open(lastEventId: string | undefined, abort: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** The event of a type that a text shows. */
  read(data: string): ToldChange | { readonly type: 'reset' };
}

/**
 * The items of a stream that is asked for again after each cut, from where it stood: what the node still keeps is told
 * without a gap, else it says so by a reset. How often it is asked while nobody answers is up to `open`.
 */
export async function* resumed(
  options: EventStreamOptions,
  lastEventId: string | undefined,
  abort: AbortSignal | undefined,
): AsyncGenerator<EventItem, void, undefined> {
  const { clock, chance } = options;
  let cursor = lastEventId;
  let cuts = 0;
  for (;;) {
    abort?.throwIfAborted();
    const request = new AbortController();
    const passOn = () => request.abort(abort?.reason);
    abort?.addEventListener('abort', passOn, { once: true });
    const silence = new Silence(clock, () => request.abort());
    let askedMs: number | undefined;
    try {
      const body = await options.open(cursor, request.signal);
      silence.broken();
      for await (const sent of untilCut(body)) {
        silence.broken();
        if (sent.retryMs !== undefined) askedMs = Math.min(sent.retryMs, LONGEST_RETRY_MS);
        if (sent.id === undefined) continue;
        cursor = sent.id;
        if (sent.data === undefined) yield { cursor };
        else {
          cuts = 0;
          yield { cursor, event: options.read(sent.data) };
        }
      }
    } finally {
      silence.end();
      abort?.removeEventListener('abort', passOn);
      request.abort();
    }
    const backoffMs = Math.min(BACKOFF_MS * 2 ** cuts++, LONGEST_BACKOFF_MS) * (0.5 + chance.random());
    await pause(clock, askedMs ?? backoffMs, abort);
  }
}

/** A stream that breaks has ended: whoever reads it asks again. What is no event stream at all is told. */
async function* untilCut(body: ReadableStream<Uint8Array>) {
  const events = sentEvents(body);
  try {
    for (;;) {
      const next = await events.next().catch((error: unknown) => {
        if (error instanceof DfnsError) throw error;
        return { done: true, value: undefined } as const;
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await events.return();
  }
}

/** Ends what nothing is heard of for too long. */
class Silence {
  readonly #clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly #over: () => void;
  #timer: Timer | undefined;

  constructor(clock: Pick<Clock, 'now' | 'setTimer'>, over: () => void) {
    this.#clock = clock;
    this.#over = over;
  }

  broken(): void {
    this.end();
    this.#timer = this.#clock.setTimer(this.#clock.now() + SILENCE_MS, this.#over);
  }

  end(): void {
    this.#timer?.cancel();
  }
}
