import type Inspector from 'node:inspector';
import { Worker } from 'node:worker_threads';
import type { Deaths, Log, Stage } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import { endInOrder, noteDeath, type DeathPaths } from './death-file.ts';
import { KnownDeaths } from './known-deaths.ts';
import type { OnStall, ToThread, Watched } from './protocol.ts';
import { SharedStage } from './stage.ts';
import { TracedStage } from './traced-stage.ts';

/** Absent where Node was built without it. */
const inspector = process.getBuiltinModule('node:inspector') as Pick<typeof Inspector, 'url'> | undefined;

/** After a process that did not end in order, turns are written down as they are taken for so long. */
const TRACE_MS = 10 * 60_000;
const LONGEST_BEAT_MS = 1_000;
/** A process that exits waits so long until it is noted whose code ended it. */
const EXIT_MS = 2_000;

export interface WatchdogOptions {
  readonly maxStallMs: number;
  readonly onStall: OnStall;
  readonly build: string;
  /** Of a store that outlives the process and is its alone: where deaths are noted. */
  readonly paths: DeathPaths | undefined;
  /** URL of a store that nodes share, which keeps deaths itself. */
  readonly store: string | undefined;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How the thread writes on standard error, where the process's own log cannot be reached. */
  readonly lines: 'text' | 'json' | 'none';
}

/** A node under watch. */
export interface Watchdog {
  readonly stage: Stage;
  readonly deaths: Deaths | undefined;
  /** Which node of the store it watches. */
  joined(incarnation: Incarnation): void;
  /** The node ended in order, or never began. */
  stop(): void;
}

/**
 * Watches the event loop from a thread of its own: names the execution whose code holds it up for `maxStall`, and ends
 * the process with SIGKILL if that is asked for, so that whoever started it starts it again. Whose code a process died
 * of is noted in or beside the store, for whoever takes its executions over. The thread is started by the first turn: it
 * takes a tenth of an idle node's memory.
 */
export function startWatchdog(options: WatchdogOptions): Watchdog {
  const { build, log, maxStallMs, now } = options;
  let { paths } = options;
  let deaths: KnownDeaths | undefined;
  let stage: SharedStage = new SharedStage();
  try {
    deaths = paths && KnownDeaths.open(paths, build, now());
    if (paths && deaths?.unclean) stage = new TracedStage(paths.image);
  } catch (error) {
    log.write('warn', 'whose code ends this process cannot be noted beside the store', { error: String(error) });
    paths = undefined;
  }
  const beat = () => stage.beat(inspector?.url() !== undefined);
  const beats = setInterval(beat, Math.min(LONGEST_BEAT_MS, Math.ceil(maxStallMs / 4))).unref();
  beat();
  const traced = stage instanceof TracedStage ? stage : undefined;
  const thread = watchFromThread({ ...options, paths, memory: stage.memory, traced: traced !== undefined });
  stage.onFirst(thread.begin);
  const noting = (what: () => void) => {
    try {
      what();
    } catch (error) {
      log.write('warn', 'how this process ends cannot be noted beside the store', { error: String(error) });
    }
  };
  const untrace = setTimeout(() => {
    noting(() => traced?.endTrace());
    thread.untraced();
  }, TRACE_MS).unref();
  // Workflow code that calls process.exit is still on the stage.
  const onExit = () => {
    const entry = stage.entry();
    noting(() => paths && entry && noteDeath(paths, entry, build, now()));
    if (options.store !== undefined && entry) thread.exits();
  };
  process.on('exit', onExit);
  return {
    stage,
    deaths,
    joined: thread.joined,
    stop: () => {
      process.off('exit', onExit);
      clearInterval(beats);
      clearTimeout(untrace);
      thread.forget();
      noting(() => traced?.endTrace());
      noting(() => paths && endInOrder(paths));
    },
  };
}

/** Beside this file, with its extension. */
const THREAD = import.meta.url.replace(/watchdog\.(\w+)$/, 'watchdog-thread.$1');

/** One thread watches all nodes of the process. */
let thread: Worker | undefined;
let watching = 0;
let numbers = 0;

function watchFromThread(watched: Omit<Watched, 'number'> & { readonly log: Log }) {
  const { maxStallMs, onStall, build, paths, store, memory, traced, lines, log } = watched;
  const number = ++numbers;
  /** What the thread is to know once it is there; null: it is, or need not be any more. */
  let untold: ToThread[] | null = [];
  const send = (message: ToThread) => (untold ? untold.push(message) : thread?.postMessage(message, []));
  send({ kind: 'watch', watched: { number, memory, maxStallMs, onStall, build, paths, store, traced, lines } });
  const begin = () => {
    if (!untold) return;
    const messages = untold;
    untold = null;
    watching++;
    try {
      thread ??= newThread(log);
      for (const message of messages) thread.postMessage(message, []);
    } catch (error) {
      // The turn that began it goes on.
      tellUnwatched(log, error);
    }
  };
  return {
    begin,
    joined: (incarnation: Incarnation) => send({ kind: 'joined', number, incarnation }),
    /** Waits, while nothing else runs in this thread any more. */
    exits: () => {
      const noted = new Int32Array(new SharedArrayBuffer(4));
      send({ kind: 'exits', number, noted });
      if (thread) Atomics.wait(noted, 0, 0, EXIT_MS);
    },
    untraced: () => send({ kind: 'untraced', number }),
    forget: () => {
      if (untold) {
        untold = null;
        return;
      }
      send({ kind: 'forget', number });
      if (--watching > 0) return;
      void thread?.terminate();
      thread = undefined;
    },
  };
}

/** It needs no more than a few numbers, and a driver at the end: what a thread takes by default is for programs. */
function newThread(log: Log): Worker {
  const made = new Worker(new URL(THREAD), {
    execArgv: process.execArgv.filter(argument => argument.startsWith('--conditions=')),
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 },
  });
  made.unref();
  made.on('error', error => {
    thread = undefined;
    tellUnwatched(log, error);
  });
  return made;
}

function tellUnwatched(log: Log, error: unknown): void {
  log.write('error', 'nobody watches the event loop any more', { error: String(error) });
}
