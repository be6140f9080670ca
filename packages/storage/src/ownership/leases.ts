import { DfnsError } from '@dfnsjs/actor-core';
import type { Incarnation } from '@dfnsjs/actor-core/records';

interface Lease {
  readonly leaseMs: number;
  /** The incarnation lives while the clock is below it. */
  readonly until: number;
}

/** Which incarnations live, for stores whose clock is one process's. Time is an argument. */
export class Leases {
  readonly #living = new Map<Incarnation, Lease>();
  /** Ended ones stay, so that none comes back: what it owned may be another's by now. */
  readonly #dead = new Set<Incarnation>();

  join(incarnation: Incarnation, leaseMs: number, now: number): void {
    if (this.#living.has(incarnation) && !this.isLive(incarnation, now)) this.end(incarnation);
    if (this.#dead.has(incarnation)) throw endedIncarnation(incarnation);
    this.#living.set(incarnation, { leaseMs, until: now + leaseMs });
  }

  /** Extends the lease; false where it has ended or run out, which ends it for good. */
  renew(incarnation: Incarnation, now: number): boolean {
    const lease = this.#living.get(incarnation);
    if (!lease) return false;
    if (now >= lease.until) {
      this.end(incarnation);
      return false;
    }
    this.#living.set(incarnation, { leaseMs: lease.leaseMs, until: now + lease.leaseMs });
    return true;
  }

  isLive(incarnation: Incarnation, now: number): boolean {
    const lease = this.#living.get(incarnation);
    return lease !== undefined && now < lease.until;
  }

  end(incarnation: Incarnation): void {
    this.#living.delete(incarnation);
    this.#dead.add(incarnation);
  }
}

export function endedIncarnation(incarnation: Incarnation): DfnsError {
  return new DfnsError(
    'VALIDATION',
    `Incarnation "${incarnation}" has ended and cannot join again; join with a new one.`,
  );
}
