export { Hub } from './transport/in-process.ts';
export { ClusterNode } from './cluster-node.ts';
export type { ClusterNodeOptions } from './cluster-node-options.ts';
export { threadTasks } from './workers/thread-tasks.ts';
export { Threads, type ThreadsOptions } from './workers/threads.ts';
