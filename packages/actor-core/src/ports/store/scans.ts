import type { Eid, ShardId } from '../../ids/ids.ts';
import type { Millis } from '../../time/duration.ts';

/** A shard, and after which row of it a scan goes on. Absent: from its first. */
export interface ScanFrom<Place> {
  readonly shard: ShardId;
  readonly after?: Place | undefined;
}

/** Where a run stands among those of its shard that are due. */
export interface DuePlace {
  readonly wakeAt: Millis;
  readonly eid: Eid;
}

/** A run that is due. */
export interface DueRow extends DuePlace {
  readonly shard: ShardId;
}
