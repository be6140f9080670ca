import type { Settler } from '../state/pending.ts';
import type { DurablePromise } from './durable-promise.ts';

/** Who hears of rejections that nobody has looked at yet. */
export interface RejectionWitness {
  unobserved(promise: CommandPromise<unknown>): void;
  observed(promise: CommandPromise<unknown>): void;
  /** The promise of an open command is given up. */
  cancelCommand(command: number, reason: string | null): void;
}

/**
 * What ctx returns: a promise that is born handled (its rejection never harms the process), knows whether anyone has
 * observed it, and can be cancelled. Awaiting late is fine.
 */
export class CommandPromise<T> extends Promise<T> implements DurablePromise<T>, Settler {
  /** Derived promises (`then`) are plain ones. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;
  #observed = false;
  #settled = false;
  #rejected = false;
  /** Why it was rejected. */
  reason: unknown = undefined;
  #witness: RejectionWitness;
  #cancel: ((reason?: string) => void) | null = null;
  /** The command it stands for; 0 for a combination of several, and for one that was settled at once. */
  command = 0;

  constructor(witness: RejectionWitness) {
    let resolve!: (value: T) => void;
    let reject!: (error: unknown) => void;
    super((yes, no) => {
      resolve = yes;
      reject = no;
    });
    this.#resolve = resolve;
    this.#reject = reject;
    this.#witness = witness;
  }

  /** Somebody has called `then`: it is awaited, or part of a combination. */
  get isObserved(): boolean {
    return this.#observed;
  }

  resolve(value: T): void {
    this.#settled = true;
    this.#resolve(value);
  }

  reject(error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#rejected = true;
    this.reason = error;
    if (!this.#observed) {
      this.#witness.unobserved(this as CommandPromise<unknown>);
      super.then(undefined, ignore);
    }
    this.#reject(error);
  }

  /** Gives up what it stands for: it rejects with CancelledError unless it is settled. */
  cancel(reason?: string): void {
    if (this.#cancel) this.#cancel(reason);
    else if (this.command > 0) this.#witness.cancelCommand(this.command, reason ?? null);
  }

  onCancel(cancel: (reason?: string) => void): this {
    this.#cancel = cancel;
    return this;
  }

  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (!this.#observed) {
      this.#observed = true;
      if (this.#rejected) this.#witness.observed(this as CommandPromise<unknown>);
    }
    return super.then(onFulfilled, onRejected);
  }
}

function ignore(): void {}
