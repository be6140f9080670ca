import type { Clock } from '@dfnsjs/actor-core/ports';

/** Resolves after `ms`; an abort rejects with its reason. */
export function pause(
  clock: Pick<Clock, 'now' | 'setTimer'>,
  ms: number,
  abort: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (abort?.aborted) return reject(abort.reason as Error);
    const end = () => {
      abort?.removeEventListener('abort', stop);
      resolve();
    };
    const timer = clock.setTimer(clock.now() + ms, end);
    const stop = () => {
      timer.cancel();
      reject(abort?.reason as Error);
    };
    abort?.addEventListener('abort', stop, { once: true });
  });
}
