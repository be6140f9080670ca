import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '@dfnsjs/postgres-server';
import { migrateStore } from '@dfnsjs/storage';
import { SETTINGS } from './on-postgres.ts';
import { run } from './processes.ts';
import { secondsOf } from './process-cpu.ts';
import type { Table } from './table.ts';

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
/** Until a node that has started does nothing but wait. */
const SETTLE_MS = 15_000;
const WATCH_MS = 30_000;
/** Of those that sleep beside them, so many are due in one minute. */
const DUE_SHARE = 0.1;

interface Idle {
  readonly rss: number;
  /** Of one core, in percent. */
  readonly cpu: number;
}

/** What the last of those that were due told. */
export interface Woken {
  readonly woken: number;
  /** From the end of the minute in which they were due to the start of the last one's step. */
  readonly lastMs: number;
}

/** What `count` executions that sleep for a month cost a node on Postgres, beside one that has none. */
export async function onAsleep(table: Table, count: number): Promise<void> {
  const server = await startPostgres({ settings: SETTINGS });
  try {
    const database = await server.createDatabase();
    const url = server.url(database);
    await migrateStore(url, { check: false });
    const empty = await idle(url);
    await run('fill-asleep', url, count);
    await server.run(database, 'CHECKPOINT');
    const full = await idle(url);
    const what = `${count.toLocaleString('en')} asleep`;
    table.say({
      what: `${what}: CPU of the node, % of a core`,
      ours: full.cpu.toFixed(2),
      ceiling: `${empty.cpu.toFixed(2)} with none`,
      ratio: '',
      binds: 'under 1',
    });
    table.say({
      what: `${what}: RSS of the node, MB`,
      ours: (full.rss / 1e6).toFixed(0),
      ceiling: `${(empty.rss / 1e6).toFixed(0)} with none`,
      ratio: '',
      binds: 'at most 50 more',
    });
    const due = Math.round(count * DUE_SHARE);
    const { woken, lastMs } = await run<Woken>('due', url, due);
    if (woken !== due) throw new Error(`${woken} of ${due} woke.`);
    table.say({
      what: `${due.toLocaleString('en')} due in one minute: the last one's step after it, s`,
      ours: (lastMs / 1_000).toFixed(1),
      ceiling: '',
      ratio: '',
      binds: 'at most 30',
    });
  } finally {
    await server.stop();
  }
}

async function idle(url: string): Promise<Idle> {
  const child: ChildProcess = spawn(process.execPath, [...process.execArgv, CHILD, 'idle', url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(createInterface({ input: child.stdout! }), 'line');
    await pause(SETTLE_MS);
    const begun = secondsOf(child.pid!);
    await pause(WATCH_MS);
    const cpu = ((secondsOf(child.pid!) - begun) / (WATCH_MS / 1_000)) * 100;
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return { cpu, rss: Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024 };
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}
