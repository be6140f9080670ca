import type { TaskContext } from './task-context.ts';

/**
 * One layer around a call: does what it wants before and after `next`, which goes on with the call, or with the one it is
 * given. What the layer returns or throws is what came of the call.
 */
export type Layer<Call> = (call: Call, next: (call?: Call) => Promise<unknown>) => unknown;

/** An attempt of a task or step. */
export interface TaskCall {
  /** Name of the task or step. */
  readonly task: string;
  /** Parsed by the task's schema; undefined for a step. */
  readonly input: unknown;
  readonly t: TaskContext;
}

/** Layers as one: runs them, the first outermost, around `body`. */
export type Around<Call> = (call: Call, body: (call: Call) => unknown) => Promise<unknown>;

/** null where there are no layers, so that nothing configured costs nothing. */
export function compose<Call>(layers: readonly Layer<Call>[]): Around<Call> | null {
  if (layers.length === 0) return null;
  return (call, body) => {
    const from = async (at: number, given: Call): Promise<unknown> => {
      const layer = layers[at];
      return layer ? layer(given, (changed = given) => from(at + 1, changed)) : body(given);
    };
    return from(0, call);
  };
}
