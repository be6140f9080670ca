import { setTimeout as pause } from 'node:timers/promises';
import type { ChangeEvent, Events } from '@dfnsjs/client';

/** Whoever follows changes looks so often all the same, as a net under lost ones. */
export const LOOK_EVERY_MS = 5_000;

/**
 * Changes as they come, and undefined at first and every `everyMs`: then it is time to look. Where the node tells none
 * it is asked again by then, and what is left is looking. Throws the reason of `interrupted`.
 */
export async function* changes(
  listen: () => Events,
  everyMs: number,
  interrupted: AbortSignal,
): AsyncGenerator<ChangeEvent | undefined, never, undefined> {
  for (;;) {
    const events = listen();
    const left = new AbortController();
    const signal = AbortSignal.any([interrupted, left.signal]);
    const tick = () => pause(everyMs, undefined, { signal });
    try {
      await orEnd(events.listening(), interrupted);
      yield undefined;
      let time = tick();
      let next = orEnd(events.next(), interrupted);
      for (;;) {
        const told = await Promise.race([time, next]);
        if (told === END || told?.done) break;
        yield told?.value;
        if (told) next = orEnd(events.next(), interrupted);
        else time = tick();
      }
      await time;
    } finally {
      left.abort();
      await events.return();
    }
  }
}

const END = 'end';

/** Whoever looks is told why the node cannot be reached, if that is so. */
function orEnd<T>(told: Promise<T>, interrupted: AbortSignal): Promise<T | typeof END> {
  return told.catch(() => {
    interrupted.throwIfAborted();
    return END;
  });
}
