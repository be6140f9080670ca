import './node-version.ts';

export { startNode } from './node/start-node.ts';
export type { DfnsNode } from './node/node.ts';
export type { HttpOptions, LogOption, MetricsOption, Middleware, NodeOptions } from './options.ts';
