import type { Eid, Incarnation } from '../../ids/ids.ts';
import type { Millis } from '../../time/duration.ts';

/** No execution: the process of the node lives on, and only its lease was over. */
export const NOBODY = 0 as Eid;

/** Whose code a node dies of: what stood on its stage. */
export interface DeathNote {
  readonly incarnation: Incarnation;
  readonly build: string;
  /** `NOBODY` where it was no death. */
  readonly eid: Eid;
  /** The command whose body ran, or that a turn was settling; 0: none. */
  readonly command: number;
  readonly isBody: boolean;
  /** Of a run in its first turn, which is not stored. */
  readonly address: { readonly namespace: string; readonly id: string } | null;
}

/** A death as the store keeps it. */
export interface DeathRow extends DeathNote {
  /** By the store's clock; it names the death. */
  readonly at: Millis;
}
