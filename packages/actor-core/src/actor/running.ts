/** A call that answers otherwise each time, and what workflow code uses instead. */
export interface Impurity {
  readonly call: string;
  readonly instead: string;
}

/** Code of a workflow, as whatever goes wrong beside it sees it. */
export interface RunningCode {
  /** It made such a call. Throws where that is an error. */
  impure(impurity: Impurity): void;
  /** A promise of the user's own was rejected in its drain, with nobody to handle it so far. */
  foreignRejection(promise: Promise<unknown>, reason: unknown): void;
  /** It is handled now; false: it was not this code's. */
  foreignHandled(promise: Promise<unknown>): boolean;
}

/**
 * Whose workflow code runs right now, in this process: set around each apply, so that a ctx call from anywhere else
 * (a foreign promise's continuation, another workflow) is told apart, and a rejection finds its workflow.
 */
let current: RunningCode | null = null;

export function running(): RunningCode | null {
  return current;
}

export function setRunning(code: RunningCode | null): void {
  current = code;
}
