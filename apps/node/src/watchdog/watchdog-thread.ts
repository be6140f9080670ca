import { rmSync, writeFileSync, writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { noteDeath } from './death-file.ts';
import type { ToThread, Watched } from './protocol.ts';
import { SharedStage, type Entry } from './stage.ts';
import { Watch } from './watch.ts';

/** The thread's side of the watchdog: it goes on where the event loops that it watches do not. */
const LOOK_MS = 250;
const STANDARD_ERROR = 2;

class Loop {
  readonly watched: Watched;
  traced: boolean;
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
    process.kill(process.pid, 'SIGKILL');
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
