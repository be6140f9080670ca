import { DfnsError } from '@dfnsjs/actor-core';
import {
  ownedText,
  type Joined,
  type JoinRequest,
  type Member,
  type Membership,
  type NodeReport,
  type Renewed,
  type ServedWorkflow,
} from '@dfnsjs/actor-core/ports';
import type { Epoch, ShardId } from '@dfnsjs/actor-core/records';
import { endedIncarnation } from '../ownership/members.ts';
import { checkShardCount } from '../ownership/shard-count.ts';
import type { Parameter, Row } from './connection.ts';

/** incarnation, address, build, lease, shards, workflows, report */
export const JOIN = 'SELECT * FROM dfns.join_1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)';

/** incarnation, report */
export const RENEW = 'SELECT * FROM dfns.renew_1($1, $2, $3, $4, $5)';

export const LEAVE = 'SELECT dfns.leave_1($1)';

/** incarnation, wait for locks */
export const BURY = 'SELECT dfns.bury_1($1, $2) AS dead';

/** incarnation, duty, wait for locks */
export const SET_DUTY = 'SELECT dfns.set_duty_1($1, $2, $3) AS set';

/** A row without a node where there is none. */
export const MEMBERS = `SELECT clock.now, meta.value AS version, n.incarnation, n.ordinal, n.address, n.build, n.workflows,
  n.duty, n.transport, n.state, n.residents, n.loop_lag_ms AS "loopLagMs", n.lease_until - clock.now AS "leaseLeftMs"
FROM (SELECT dfns.clock_ms() AS now) AS clock JOIN dfns.meta ON meta.key = 'membership'
LEFT JOIN dfns.node n ON NOT n.dead ORDER BY n.ordinal`;

export function joinParameters(request: JoinRequest): Parameter[] {
  const { incarnation, address, build, leaseMs, shards, workflows } = request;
  const served = workflows ? JSON.stringify(workflows.map(({ name, version }) => ({ name, version }))) : null;
  return [incarnation, address, build, leaseMs, shards, served, ...reportParameters(request.report)];
}

export function reportParameters(report: NodeReport | undefined): Parameter[] {
  return report ? [report.transport, report.state, report.residents, report.loopLagMs] : [null, null, null, null];
}

/** VALIDATION where the store refuses the node for good. */
export function joinedAs(request: JoinRequest, row: Row | undefined): Joined {
  switch (row?.['outcome']) {
    case 'joined':
      return { ordinal: Number(row['ordinal']), now: Number(row['now']) };
    case 'shards':
      checkShardCount(request.shards, Number(row['shards']));
      break;
    case 'ended':
      throw endedIncarnation(request.incarnation);
  }
  throw new DfnsError('INTERNAL', `The store answered a join with "${String(row?.['outcome'])}".`);
}

export function unpackRenewed(row: Row | undefined): Renewed {
  const { alive, now, version, owned } = row as unknown as Omit<Renewed, 'owned'> & {
    readonly owned: readonly { readonly shard: ShardId; readonly epoch: Epoch }[];
  };
  return { alive, now, version, owned: ownedText(owned) };
}

export function unpackMembers(rows: readonly Row[]): Membership {
  const { version, now } = rows[0] as unknown as Membership;
  return { version, now, members: rows.filter(row => row['incarnation'] !== null).map(unpackMember) };
}

function unpackMember(row: Row): Member {
  const { incarnation, ordinal, address, build, duty, transport, state, residents, loopLagMs, leaseLeftMs } =
    row as unknown as Member;
  const workflows = JSON.parse(String(row['workflows'])) as readonly ServedWorkflow[];
  return { incarnation, ordinal, address, build, workflows, duty, transport, state, residents, loopLagMs, leaseLeftMs };
}
