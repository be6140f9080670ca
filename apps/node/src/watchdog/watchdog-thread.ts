import { rmSync, writeFileSync, writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import { noteDeath } from './death-file.ts';
import type { ToThread, Watched } from './protocol.ts';
import { SharedStage, type Entry } from './stage.ts';
import { Watch } from './watch.ts';

/** The thread's side of the watchdog: it goes on where the event loops that it watches do not. */
const LOOK_MS = 250;
const STANDARD_ERROR = 2;
/** How long a store that nodes share has for a note: nobody takes the node's shards before its lease is over. */
const NOTE_MS = 1_500;

class Loop {
  readonly watched: Watched;
  traced: boolean;
  /** Of the node, once it has joined. */
  incarnation: Incarnation | undefined;
  readonly #stage: SharedStage;
  readonly #watch: Watch;
  #imaged = false;

  constructor(watched: Watched) {
    this.watched = watched;
    this.traced = watched.traced;
    this.#stage = new SharedStage(watched.memory);
    this.#watch = new Watch(watched.maxStallMs);
  }

  look(passedMs: number): void {
    const finding = this.#watch.look(this.#stage.look(), passedMs);
    if (finding === 'well') this.#clear();
    else if (finding === 'doubtful') this.#image();
    else this.#stalled();
  }

  /** Should the process end before the loop goes on, however that is, the file has a name. */
  #image(): void {
    const { paths } = this.watched;
    if (!paths || this.traced || this.#imaged) return;
    attempt(() => writeFileSync(paths.image, this.#stage.image()));
    this.#imaged = true;
  }

  #clear(): void {
    const { paths } = this.watched;
    if (!paths || !this.#imaged) return;
    attempt(() => rmSync(paths.image, { force: true }));
    this.#imaged = false;
  }

  #stalled(): void {
    const { onStall, paths, build } = this.watched;
    const entry = this.#stage.entry();
    this.#say(entry);
    if (onStall === 'report') return this.#image();
    if (paths && entry) attempt(() => noteDeath(paths, entry, build, Date.now()));
    void this.note(entry).finally(() => process.kill(process.pid, 'SIGKILL'));
  }

  /** Names whose code the process dies of in a store that nodes share. What it does not take in time is left out. */
  async note(entry = this.#stage.entry()): Promise<void> {
    const { store, build } = this.watched;
    const { incarnation } = this;
    if (store === undefined || !incarnation || !entry) return;
    const { eid, command, isBody, address } = entry;
    const noted = import('@dfnsjs/storage').then(({ noteDeath }) =>
      noteDeath(store, { incarnation, build, eid, command, isBody, address }, NOTE_MS),
    );
    const late = new Promise<void>(resolve => void setTimeout(resolve, NOTE_MS));
    await Promise.race([noted, late]).catch(() => undefined);
  }

  #say(entry: Entry | null): void {
    const { lines, onStall } = this.watched;
    if (lines === 'none') return;
    const message = `the event loop stands still${onStall === 'kill' ? ': the process ends itself' : ''}`;
    const fields = { forMs: Math.round(this.#watch.stalledMs), ...named(entry) };
    const time = new Date().toISOString();
    const line =
      lines === 'text'
        ? `${time.slice(11, 23)} error ${message}  ${JSON.stringify(fields)}`
        : JSON.stringify({ time, level: 'error', msg: message, ...fields });
    // Its output may be closed or full, which is no reason to end otherwise.
    attempt(() => writeSync(STANDARD_ERROR, `${line}\n`));
  }
}

function named(entry: Entry | null): Record<string, unknown> {
  if (!entry) return { by: 'code outside of workflows, or what a task does after its first await' };
  return {
    by: entry.isBody ? 'the body of a task' : 'workflow code',
    eid: entry.eid,
    ...(entry.command > 0 ? { command: entry.command } : {}),
    ...(entry.address ? { namespace: entry.address.namespace, executionId: entry.address.id } : {}),
  };
}

/** What the file system refuses is left out: watching goes on. */
function attempt(write: () => void): void {
  try {
    write();
  } catch {
    return;
  }
}

const loops = new Map<number, Loop>();
parentPort?.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'watch':
      loops.set(message.watched.number, new Loop(message.watched));
      return;
    case 'untraced': {
      const loop = loops.get(message.number);
      if (loop) loop.traced = false;
      return;
    }
    case 'joined': {
      const loop = loops.get(message.number);
      if (loop) loop.incarnation = message.incarnation;
      return;
    }
    case 'exits': {
      const { number, noted } = message;
      void Promise.resolve(loops.get(number)?.note()).finally(() => {
        Atomics.store(noted, 0, 1);
        Atomics.notify(noted, 0);
      });
      return;
    }
    case 'forget':
      loops.delete(message.number);
      return;
  }
});

let last = performance.now();
setInterval(() => {
  const now = performance.now();
  // While the machine slept or the process was stopped, nothing stood still that should not have.
  const passedMs = Math.min(now - last, 2 * LOOK_MS);
  last = now;
  for (const loop of loops.values()) loop.look(passedMs);
}, LOOK_MS);
