import { DfnsError } from '@dfnsjs/actor-core';
import { NO_REPORT, type Duty, type JoinRequest, type Member, type NodeReport } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';

interface Kept {
  readonly member: Omit<Member, 'leaseLeftMs'>;
  readonly leaseMs: number;
  /** The incarnation lives while the clock is below it. */
  readonly until: number;
}

/** Who is there, for stores whose clock is one process's. Time is an argument. */
export class Members {
  readonly #living = new Map<Incarnation, Kept>();
  /** Ended ones stay, so that none comes back: what it owned may be another's by now. */
  readonly #dead = new Set<Incarnation>();
  #version: number;

  /** `version`: none below it was told of the same store. */
  constructor(version = 0) {
    this.#version = version;
  }

  get version(): number {
    return this.#version;
  }

  /** One that lives keeps its first ordinal. Throws for one that has ended. */
  join(request: JoinRequest, ordinal: number, now: number): void {
    const { incarnation, address, build, leaseMs } = request;
    const known = this.#living.get(incarnation);
    if (known && now >= known.until) this.end(incarnation);
    if (this.#dead.has(incarnation)) throw endedIncarnation(incarnation);
    const before = known?.member ?? { ordinal, workflows: [], duty: 'serve', ...NO_REPORT };
    const workflows = request.workflows ?? before.workflows;
    const member = { ...before, incarnation, address, build, workflows, ...request.report };
    this.#living.set(incarnation, { member, leaseMs, until: now + leaseMs });
    this.#version++;
  }

  /** Extends the lease; false where it has ended or run out, which ends it for good. */
  renew(incarnation: Incarnation, report: NodeReport | undefined, now: number): boolean {
    const known = this.#living.get(incarnation);
    if (!known || this.bury(incarnation, now)) return false;
    const member = { ...known.member, ...report };
    if (member.transport !== known.member.transport || member.state !== known.member.state) this.#version++;
    this.#living.set(incarnation, { ...known, member, until: now + known.leaseMs });
    return true;
  }

  isLive(incarnation: Incarnation, now: number): boolean {
    const known = this.#living.get(incarnation);
    return known !== undefined && now < known.until;
  }

  /** Ends it if its lease is over; true: it is dead now. */
  bury(incarnation: Incarnation, now: number): boolean {
    if (this.isLive(incarnation, now)) return false;
    this.end(incarnation);
    return true;
  }

  setDuty(incarnation: Incarnation, duty: Duty, now: number): boolean {
    const known = this.#living.get(incarnation);
    if (!known || !this.isLive(incarnation, now)) return false;
    if (duty !== known.member.duty) {
      this.#living.set(incarnation, { ...known, member: { ...known.member, duty } });
      this.#version++;
    }
    return true;
  }

  end(incarnation: Incarnation): void {
    if (!this.#living.delete(incarnation)) return;
    this.#dead.add(incarnation);
    this.#version++;
  }

  /** By ordinal. */
  all(now: number): Member[] {
    return [...this.#living.values()]
      .map(({ member, until }) => ({ ...member, leaseLeftMs: until - now }))
      .sort((a, b) => a.ordinal - b.ordinal);
  }
}

export function endedIncarnation(incarnation: Incarnation): DfnsError {
  return new DfnsError(
    'VALIDATION',
    `Incarnation "${incarnation}" has ended and cannot join again; join with a new one.`,
  );
}
