import type { Coroutine } from './coroutine.ts';

/**
 * Whose workflow code runs right now, in this process: set around each apply, so that a ctx call from anywhere else
 * (a foreign promise's continuation, another workflow) is told apart, and a rejection finds its workflow.
 */
let current: Coroutine | null = null;

export function running(): Coroutine | null {
  return current;
}

export function setRunning(coroutine: Coroutine | null): void {
  current = coroutine;
}
