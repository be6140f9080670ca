import './node-version.ts';
export type { Config, Profile } from './config/settings.ts';

export { startNode } from './node/start-node.ts';
export type { DfnsNode } from './node/node.ts';
export type { ClusterOptions, HttpOptions, LogOption, MetricsOption, NodeOptions } from './options.ts';
