import type { HandedOver } from '@dfnsjs/actor-core/engine';
import { decode, encode, type Eid, type Incarnation, type Payload } from '@dfnsjs/actor-core/records';

type Stored = readonly [eid: number, command: number, attempt: number, at: string];

/** A list of attempts takes about 60 bytes for each. */
const LIMIT_BYTES = 64 * 1024 * 1024;

/** The attempts that go on when a shard moves, as its row keeps them; null: there are none. */
export function encodeHandOver(open: readonly HandedOver[]): Uint8Array | null {
  if (open.length === 0) return null;
  const list = open.map(({ eid, command, attempt, at }): Stored => [eid, command, attempt, at]);
  return encode(list, 'hand-over list', LIMIT_BYTES);
}

export function decodeHandOver(bytes: Uint8Array | null): readonly HandedOver[] {
  if (bytes === null) return [];
  return (decode(bytes as Payload) as readonly Stored[]).map(([eid, command, attempt, at]) => ({
    eid: eid as Eid,
    command,
    attempt,
    at: at as Incarnation,
  }));
}
