import { running } from '@dfnsjs/actor-core/engine';

type Workflow = NonNullable<ReturnType<typeof running>>;

/** Rejections that a workflow raised, by promise: it may handle them yet. */
const raisedBy = new WeakMap<Promise<unknown>, Workflow>();
let listening = 0;

/**
 * Attributes unhandled rejections of workflows' own promises to the workflow whose code was running. One that no
 * workflow raised has the effect that it has without dfns. Returns what ends it.
 */
export function attributeRejections(): () => void {
  if (listening++ === 0) {
    process.on('unhandledRejection', rejected);
    process.on('rejectionHandled', handled);
  }
  return () => {
    if (--listening > 0) return;
    process.off('unhandledRejection', rejected);
    process.off('rejectionHandled', handled);
  };
}

function rejected(reason: unknown, promise: Promise<unknown>): void {
  const workflow = running();
  if (workflow) {
    raisedBy.set(promise, workflow);
    workflow.foreignRejection(promise, reason);
  } else if (process.listenerCount('unhandledRejection') === 1) {
    // With nobody else to tell, Node would raise it as an exception that nobody caught.
    throw reason instanceof Error
      ? reason
      : new Error(`A promise was rejected and nobody handled it: ${String(reason)}`);
  }
}

function handled(promise: Promise<unknown>): void {
  raisedBy.get(promise)?.foreignHandled(promise);
}
