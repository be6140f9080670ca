import { isMainThread, threadId } from 'node:worker_threads';
import { NonRetryableError, RetryAfterError, task } from 'dfns';
import { z } from 'zod';

const once = { maxAttempts: 1 };
const quick = { maxAttempts: 2, initial: 1 };

/** What a body in a thread sees and gives. */
export const describes = task(
  {
    name: 'describes',
    thread: true,
    input: z.object({ n: z.coerce.number() }),
    output: z.object({ n: z.number() }).loose(),
  },
  (input, t) => {
    t.log.info('from the thread', { n: input.n });
    const { attempt, executionId, headers, idempotencyKey } = t;
    return {
      n: input.n + 1,
      main: isMainThread,
      when: new Date(0),
      set: new Set([1]),
      attempt,
      executionId,
      headers,
      idempotencyKey,
    };
  },
);

/** Holds its thread for `ms`, without a word. */
export const blocks = task({ name: 'blocks', thread: true, retry: once }, (ms: number) => {
  const until = performance.now() + ms;
  while (performance.now() < until);
  return threadId;
});

export const blocksForEver = task({ name: 'blocks-for-ever', thread: true, timeout: 50, retry: once }, () => {
  for (;;);
});

export const exits = task({ name: 'exits', thread: true, retry: quick }, (_: void, t) => {
  if (t.attempt === 1) process.exit(3);
  return 'the second time';
});

export const throwsOutside = task({ name: 'throws-outside', thread: true, retry: quick }, (_: void, t) => {
  if (t.attempt > 1) return 'the second time';
  setImmediate(() => {
    throw new Error('outside');
  });
  return new Promise<string>(() => undefined);
});

/** Beats, loses its thread, and goes on from its progress. */
export const beats = task(
  { name: 'beats', thread: true, heartbeatTimeout: 5_000, retry: quick },
  async (_: void, t) => {
    const from = (t.lastProgress as { at: number } | undefined)?.at ?? 0;
    t.heartbeat({ at: from + 5 });
    if (t.attempt === 1) throw new Error('half way');
    return from;
  },
);

export const silent = task({ name: 'silent', thread: true, heartbeatTimeout: 50, retry: once }, async () => {
  await new Promise(() => setInterval(() => undefined, 1_000));
});

/** Says over `t.log` that it heard of its abort. */
export const waits = task({ name: 'waits', thread: true }, (_: void, t) => {
  t.log.info('waits');
  const alive = setInterval(() => undefined, 1_000);
  return new Promise<void>((_resolve, reject) => {
    t.abortSignal.addEventListener('abort', () => {
      clearInterval(alive);
      t.log.info('heard', { reason: (t.abortSignal.reason as Error).name });
      reject(t.abortSignal.reason as Error);
    });
  });
});

class BadAddress extends Error {
  override readonly name = 'BadAddress';
}

/** Fails in the ways that decide whether it is tried again. */
export const fails = task(
  {
    name: 'fails',
    thread: true,
    retry: { initial: 1, nonRetryable: ['BadAddress'] },
    errors: { Declined: z.object({ why: z.string() }) },
  },
  (how: string, t) => {
    if (how === 'never again') throw new NonRetryableError('never again');
    if (how === 'address') throw new BadAddress('no such street');
    if (how === 'declined') throw t.fail('Declined', { why: 'poor' });
    if (how === 'function') return () => 1;
    if (how === 'deps') return t.deps['mailer'];
    if (how === 'later' && t.attempt === 1) throw new RetryAfterError(1);
    if (how === 'again' && t.attempt === 1) throw new Error('once');
    return t.attempt;
  },
);
