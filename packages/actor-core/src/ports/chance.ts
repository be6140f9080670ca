/** Where ids, seeds and jitter come from. Seeded in tests. */
export interface Chance {
  /** 0 to below 1. */
  random(): number;
  uuid(): string;
}
