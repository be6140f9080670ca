/** Bad keys that one address may try in a period. */
const FAILURES = 20;
const PERIOD_MS = 60_000;
/** Addresses remembered; beyond it the oldest are forgotten. */
const ADDRESSES = 10_000;

interface Failures {
  readonly since: number;
  count: number;
}

/** Counts failures by address, so that nobody can try keys at leisure. */
export class FailureLimit {
  readonly #byAddress = new Map<string, Failures>();

  /** Milliseconds until the address may try again; 0: now. */
  waitMs(address: string, now: number): number {
    const failures = this.#byAddress.get(address);
    if (!failures || failures.count < FAILURES) return 0;
    return Math.max(0, failures.since + PERIOD_MS - now);
  }

  failed(address: string, now: number): void {
    const failures = this.#byAddress.get(address);
    if (failures && now < failures.since + PERIOD_MS) {
      failures.count++;
      return;
    }
    this.#byAddress.delete(address);
    this.#byAddress.set(address, { since: now, count: 1 });
    if (this.#byAddress.size <= ADDRESSES) return;
    for (const oldest of this.#byAddress.keys()) {
      this.#byAddress.delete(oldest);
      break;
    }
  }
}
