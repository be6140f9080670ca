export { ClusterNode, type ClusterNodeOptions } from './cluster-node.ts';
export { threadTasks } from './workers/thread-tasks.ts';
export { Threads, type ThreadsOptions } from './workers/threads.ts';
