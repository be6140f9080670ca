export { shrink, simulate, type Shrunk, type SimulateOptions, type Simulation } from './simulate/index.ts';
export { createTestCluster, TestCluster, type TestClusterOptions } from './test-cluster.ts';
export { verifyDurable, type SentSignal, type VerifyOptions } from './verify-durable.ts';
export { Violation, type Invariant } from './invariants/violation.ts';
export {
  recordHistory,
  replay,
  replayAll,
  replayEach,
  type ReplayFailed,
  type ReplayPassed,
  type ReplayResult,
} from './replay.ts';
export type { HistoryFile } from '@dfnsjs/actor-core/records';
export {
  mockStep,
  mockTask,
  type AnyMock,
  type MockBody,
  type MockCall,
  type MockTime,
  type TaskMock,
} from './mocks/task.ts';
