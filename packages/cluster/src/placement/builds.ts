import type { Member } from '@dfnsjs/actor-core/ports';

/**
 * Builds in the order in which they first joined, of those that live: a build that comes back after its last member left
 * counts as new. Pure.
 */
export class BuildOrder {
  readonly #rank = new Map<string, number>();

  constructor(members: readonly Pick<Member, 'build' | 'ordinal'>[]) {
    for (const { build, ordinal } of members) {
      this.#rank.set(build, Math.min(ordinal, this.#rank.get(build) ?? Infinity));
    }
  }

  /** Whether a node of `build` may take a shard whose newest owner was of `owned`: not one that is older. */
  mayTake(build: string, owned: string | null): boolean {
    const newest = owned === null ? undefined : this.#rank.get(owned);
    return newest === undefined || (this.#rank.get(build) ?? -1) >= newest;
  }
}
