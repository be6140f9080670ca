declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/**
 * A run's number: ascending, below 2^53, made of the node's ordinal and a counter. An *execution* is numbered by the
 * eid of its first run.
 */
export type Eid = Branded<number, 'Eid'>;
export type RunId = Branded<string, 'RunId'>;
export type ShardId = Branded<number, 'ShardId'>;
/** Raised each time a shard changes hands; the store refuses commits under an older one. */
export type Epoch = Branded<number, 'Epoch'>;
/** One process start of a node. */
export type Incarnation = Branded<string, 'Incarnation'>;
/** Made where a client's message enters, kept over all its retries. */
export type MessageId = Branded<string, 'MessageId'>;
export type CommitId = Branded<string, 'CommitId'>;

/** Runs one ordinal can number. */
export const EIDS_PER_ORDINAL = 2 ** 24;

export function eidOf(ordinal: number, n: number): Eid {
  return (ordinal * EIDS_PER_ORDINAL + n) as Eid;
}
