import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../cluster.ts';
import { LONG_MS, NOTHING, type Fault } from './fault.ts';

const TIMES = 6;
const EACH_MS = 1_000;

function endSessions({ postgres, database }: Cluster): Promise<unknown> {
  const sessions = `SELECT pid FROM pg_stat_activity WHERE datname = '${database}' AND pid <> pg_backend_pid()`;
  return postgres.run(database, `SELECT pg_terminate_backend(pid) FROM (${sessions}) AS session`);
}

export const POSTGRES_FAULTS: Readonly<Record<string, Fault>> = {
  'postgres-restart': {
    says: 'Postgres ends as by a power cut, and is back later',
    async strike({ postgres }) {
      await postgres.kill();
      await pause(LONG_MS);
      await postgres.restart();
      return NOTHING;
    },
  },
  backends: {
    says: 'all sessions of Postgres are ended each second',
    async strike(cluster) {
      for (let n = 0; n < TIMES; n++) {
        await endSessions(cluster);
        await pause(EACH_MS);
      }
      return NOTHING;
    },
  },
  'lost-answers': {
    says: 'connections to Postgres are cut behind a commit, before its answer',
    async strike({ nodes }) {
      for (let n = 0; n < TIMES; n++) {
        for (const { toStore } of nodes) toStore.loseAnswerTo('dfns.commit_1');
        await pause(EACH_MS);
      }
      return NOTHING;
    },
  },
  'no-connections': {
    says: 'all sessions of Postgres are ended, and it takes no others for a while',
    async strike({ postgres: { pid }, nodes }) {
      process.kill(pid, 'SIGSTOP');
      for (const { toStore } of nodes) toStore.cut();
      await pause(LONG_MS);
      process.kill(pid, 'SIGCONT');
      return NOTHING;
    },
  },
  'full-disk': {
    says: 'the disk of Postgres is full for a while',
    diskMb: 256,
    async strike({ postgres, disk }) {
      disk!.fill();
      await pause(LONG_MS);
      disk!.empty();
      // Where it could not go on with its log it has ended.
      if (postgres.hasEnded) await postgres.restart();
      return NOTHING;
    },
  },
};
