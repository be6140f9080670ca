import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';

export interface Fault {
  readonly says: string;
  /** Nobody dies: no body may begin twice. */
  readonly isPlanned?: boolean;
  /** Resolves when the fault is over. */
  strike(cluster: Cluster): Promise<void>;
}

/** Well beyond a lease of 3 s. */
const LONG_MS = 8_000;

export const FAULTS: Readonly<Record<string, Fault>> = {
  kill: {
    says: 'a node is killed',
    strike: cluster => cluster.end(cluster.nodes[0]!, 'SIGKILL'),
  },
  'kill-all-but-one': {
    says: 'two of three nodes are killed at once, and one comes again',
    async strike(cluster) {
      await Promise.all(cluster.nodes.slice(0, 2).map(node => cluster.end(node, 'SIGKILL')));
      await cluster.add();
    },
  },
  freeze: {
    says: 'a node is stopped for longer than its lease, and goes on',
    async strike({ nodes: [node] }) {
      node!.program.signal('SIGSTOP');
      await pause(LONG_MS);
      node!.program.signal('SIGCONT');
    },
  },
  'nats-restart': {
    says: 'NATS is killed, and is back later',
    async strike({ nats }) {
      await nats.kill();
      await pause(LONG_MS);
      await nats.restart();
    },
  },
  'nats-freeze': {
    says: 'NATS is stopped, and goes on',
    async strike({ nats }) {
      nats.pause();
      await pause(LONG_MS);
      nats.resume();
    },
  },
  'postgres-restart': {
    says: 'Postgres ends as by a power cut, and is back later',
    async strike({ postgres }) {
      await postgres.kill();
      await pause(LONG_MS);
      await postgres.restart();
    },
  },
  backends: {
    says: 'all sessions of Postgres are ended each second',
    async strike({ postgres, database }) {
      const sql = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}' AND pid <> pg_backend_pid()`;
      for (let n = 0; n < 6; n++) {
        await postgres.run(database, sql);
        await pause(1_000);
      }
    },
  },
  drain: {
    says: 'a node comes, and another is drained',
    isPlanned: true,
    async strike(cluster) {
      await cluster.add();
      await cluster.end(cluster.nodes[0]!, 'SIGTERM');
    },
  },
};
