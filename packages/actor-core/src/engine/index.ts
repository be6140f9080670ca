export { Engine, type Glimpse } from './engine.ts';
export type { EngineOptions, Started, StartRequest } from './options.ts';
export type { StandIn } from '../task/attempt-context.ts';
export type { Closed } from './callers.ts';
export type { WakeReason } from './activation.ts';
export { sideInstance } from './query.ts';
export { replayRun, type ReplayOptions } from './replay-run.ts';
export { running } from '../actor/running.ts';
export { WorkflowRegistry } from '../workflow/registry.ts';
