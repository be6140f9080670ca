import type { Incarnation } from '@dfnsjs/actor-core/records';
import type { DeathPaths } from './death-file.ts';

/** What a process does that stands still for longer than `maxStall`. */
export type OnStall = 'report' | 'kill';

/** An event loop to be watched, as the watchdog's thread is told of it. */
export interface Watched {
  readonly number: number;
  readonly memory: SharedArrayBuffer;
  readonly maxStallMs: number;
  readonly onStall: OnStall;
  readonly build: string;
  /** Absent: the store outlives no process, or keeps deaths itself. */
  readonly paths: DeathPaths | undefined;
  /** Absent: the store keeps no deaths. */
  readonly store: string | undefined;
  /** The loop writes its image down itself. */
  readonly traced: boolean;
  readonly lines: 'text' | 'json' | 'none';
}

export type ToThread =
  | { readonly kind: 'watch'; readonly watched: Watched }
  /** The node is this one in its store now. */
  | { readonly kind: 'joined'; readonly number: number; readonly incarnation: Incarnation }
  /** The process ends while somebody is on the stage, and waits for a number in `noted`. */
  | { readonly kind: 'exits'; readonly number: number; readonly noted: Int32Array }
  | { readonly kind: 'untraced' | 'forget'; readonly number: number };
