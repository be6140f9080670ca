export { Engine, type Glimpse } from './engine.ts';
export type { EngineOptions, Started, StartRequest } from './options.ts';
export type { Closed } from './callers.ts';
export type { WakeReason } from './activation.ts';
export { sideInstance } from './query.ts';
export type { AdmissionOptions } from './admission.ts';
export { runInThread, type ThreadBody } from '../task/in-thread.ts';
export { running } from '../actor/running.ts';
export { WorkflowRegistry } from '../workflow/registry.ts';
