export type { Clock, Timer } from './clock.ts';
export type { Chance } from './chance.ts';
export type { Log, LogLevel } from './telemetry/log.ts';
export type { Removal, Store } from './store/store.ts';
export * from './store/commit.ts';
export type { InboxKey, InboxRow } from './store/inbox.ts';
export type { LoadedRun } from './store/load.ts';
export type { Acquired, Joined, JoinRequest, ShardRow } from './store/membership.ts';
export type { Counted, ListedRun } from './store/listing.ts';
