export { Hub } from './transport/hub.ts';
export { openWire, type OpenWireOptions } from './transport/open.ts';
export { ClusterNode } from './cluster-node.ts';
export type { ClusterNodeOptions } from './cluster-node-options.ts';
export type { Peer } from './routing/peer.ts';
export type { Wire } from './transport/wire.ts';
export { threadTasks } from './workers/thread-tasks.ts';
export { Threads, type ThreadsOptions } from './workers/threads.ts';
