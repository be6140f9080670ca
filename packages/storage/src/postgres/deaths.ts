import type { DeathNote, DeathRow } from '@dfnsjs/actor-core/ports';
import { BOUNDS } from '@dfnsjs/actor-core/values';
import type { Parameter, Row } from './connection.ts';

/** Deaths that are told. */
const TOLD = 1_000;
const RECENT = `(SELECT dfns.clock_ms()) - ${BOUNDS.crashWindowMs}`;

/** incarnation, build, eid, command, whether a body's, namespace, id */
export const NOTE_DEATH = `WITH old AS (DELETE FROM dfns.death WHERE at < ${RECENT})
INSERT INTO dfns.death (incarnation, at, build, eid, command, is_body, namespace, id)
VALUES ($1, dfns.clock_ms(), $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`;

export const DEATHS = `SELECT * FROM (
  SELECT * FROM dfns.death WHERE at >= ${RECENT} ORDER BY at DESC, incarnation LIMIT ${TOLD}
) AS told ORDER BY at, incarnation`;

export function deathParameters({ incarnation, build, eid, command, isBody, address }: DeathNote): Parameter[] {
  return [incarnation, build, eid, command, isBody, address?.namespace ?? null, address?.id ?? null];
}

export function unpackDeath(row: Row): DeathRow {
  const { incarnation, at, build, eid, command } = row as unknown as DeathRow;
  const {
    is_body: isBody,
    namespace,
    id,
  } = row as unknown as {
    readonly is_body: boolean;
    readonly namespace: string | null;
    readonly id: string | null;
  };
  const address = namespace !== null && id !== null ? { namespace, id } : null;
  return { incarnation, at, build, eid, command, isBody, address };
}
