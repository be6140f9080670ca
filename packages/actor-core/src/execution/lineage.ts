import { DfnsError } from '../errors/dfns-error.ts';
import type { RunId } from '../ids/ids.ts';

/** How a run came to be out of another one of its execution, or of the one that it was forked from. */
export interface Lineage {
  readonly kind: 'retry' | 'reset' | 'fork';
  /** The run whose journal it began with. */
  readonly from: RunId;
  /** Turns that it began with; the last may hold a part of the other's. 0: it began anew. */
  readonly turns: number;
  /** The run that the beginning of the journal was first written by. */
  readonly origin: RunId;
}

/** As the run's row keeps it. */
export function encodeLineage({ kind, from, turns, origin }: Lineage): string {
  return JSON.stringify({ kind, from, turns, origin });
}

export function decodeLineage(lineage: string): Lineage {
  try {
    const { kind, from, turns, origin } = JSON.parse(lineage) as Lineage;
    if (typeof from === 'string' && typeof turns === 'number' && typeof origin === 'string') {
      return { kind, from, turns, origin };
    }
  } catch {
    // Told below, with what stands there.
  }
  throw new DfnsError('INTERNAL', `The lineage of a run is damaged: ${lineage.slice(0, 100)}`);
}
