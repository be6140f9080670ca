import { task, type TaskContext } from '@dfnsjs/actor-core';
import type { Schema } from '@dfnsjs/actor-core';
import { MUST_ATTEMPTS } from './program.ts';
import { richValue } from './values.ts';

/** What the world gives to bodies. */
export interface Bench {
  /** Announces a body; gives what ends it. */
  begin(name: string, t: TaskContext, atMostOnce: boolean): { end(): void; wait(ms: number): Promise<void> };
  /** Whether the body is one of the first so many under its idempotency key, in all processes together. */
  isAmongFirst(count: number, t: TaskContext): boolean;
  /** One object that all steps of a process share, and that workflows write to. */
  readonly shared: { list: number[] };
}

export function benchOf(t: TaskContext): Bench {
  return t.deps['bench'] as Bench;
}

/** Does a body's work on the bench: begins, takes its time, ends. */
export async function work<T>(
  name: string,
  t: TaskContext,
  ms: number,
  result: () => T,
  atMostOnce = false,
): Promise<T> {
  const body = benchOf(t).begin(name, t, atMostOnce);
  try {
    if (ms > 0) await body.wait(ms);
    return result();
  } finally {
    body.end();
  }
}

export interface Work {
  readonly n: number;
  readonly workMs: number;
  readonly failures?: number;
}

/** Fails its first attempts, some with errors of their own class. */
export class Nuisance extends Error {
  override readonly name = 'Nuisance';
  readonly level: number;

  constructor(level: number) {
    super(`Level ${level}.`);
    this.level = level;
    this.stack = 'Nuisance';
  }
}

const passes = <T>(): Schema<T, T> => ({
  '~standard': { version: 1, vendor: 'dfns', validate: value => ({ value: value as T }) },
});

export const flaky = task({ name: 'flaky', retry: { initial: 20, max: 2_000 } }, (input: Work, t) =>
  work('flaky', t, input.workMs, () => {
    if (t.attempt <= (input.failures ?? 0)) throw new Nuisance(t.attempt);
    return { ...input, rich: richValue(input.n) };
  }),
);

export const brittle = task(
  { name: 'brittle', retry: { maxAttempts: MUST_ATTEMPTS, initial: 20 } },
  (input: Omit<Work, 'workMs'>, t) =>
    work('brittle', t, 0, () => {
      if (benchOf(t).isAmongFirst(input.failures ?? 0, t)) throw new Nuisance(t.attempt);
      return input.n;
    }),
);

export const once = task({ name: 'once', retry: { maxAttempts: 1 } }, (input: Work, t) =>
  work('once', t, input.workMs, () => input.n, true),
);

export const declining = task({ name: 'declining', errors: { Declined: passes<{ n: number }>() } }, (input: Work, t) =>
  work('declining', t, 0, () => {
    throw t.fail('Declined', { n: input.n });
  }),
);

export const hanging = task({ name: 'hanging', retry: { maxAttempts: 2, initial: 5 } }, (_: Work, t) =>
  work('hanging', t, 3_600_000, () => 'never'),
);

export const beating = task(
  { name: 'beating', heartbeatTimeout: 100, retry: { initial: 10 } },
  async (input: { n: number; beats: number }, t) => {
    const body = benchOf(t).begin('beating', t, false);
    try {
      for (let i = Number(t.lastProgress ?? 0); i < input.beats; i++) {
        await body.wait(60);
        t.heartbeat(i + 1);
      }
      return input.n;
    } finally {
      body.end();
    }
  },
);
