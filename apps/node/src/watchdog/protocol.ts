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
  /** Absent: the store outlives no process. */
  readonly paths: DeathPaths | undefined;
  /** The loop writes its image down itself. */
  readonly traced: boolean;
  readonly lines: 'text' | 'json' | 'none';
}

export type ToThread =
  | { readonly kind: 'watch'; readonly watched: Watched }
  | { readonly kind: 'untraced' | 'forget'; readonly number: number };
