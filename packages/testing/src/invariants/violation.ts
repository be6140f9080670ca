/** What every world is held to. DESIGN §5. */
export type Invariant = 'history' | 'output-commit' | 'exactly-once' | 'timers' | 'replay' | 'progress' | 'open-count';

/** Something happened, or did not, that must not be so. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: Invariant;

  constructor(invariant: Invariant, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
  }
}
