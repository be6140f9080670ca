import type { Cluster } from '../cluster.ts';
import type { Load } from '../load.ts';

export interface Fault {
  readonly says: string;
  /** Nobody dies by it: no node may lose its lease, and so no body. */
  readonly nobodyDies?: boolean;
  /** Nothing else happens meanwhile: there is no load. */
  readonly isQuiet?: boolean;
  /** Postgres has a disk of this size, which can be filled. */
  readonly diskMb?: number;
  /** Resolves when the fault is over, with what it found wrong. */
  strike(cluster: Cluster, load: Load): Promise<readonly string[]>;
}

export const NOTHING: readonly string[] = [];

/** Well beyond a lease of 3 s. */
export const LONG_MS = 8_000;
