export { ClusterNode, type ClusterNodeOptions } from './cluster-node.ts';
export { Threads, type ThreadsOptions } from './workers/threads.ts';
