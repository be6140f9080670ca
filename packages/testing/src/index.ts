export { simulate, type Simulation } from './simulate/index.ts';
export { Violation, type Invariant } from './invariants/violation.ts';
