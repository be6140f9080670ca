import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { FSWatcher } from 'chokidar';
import { devFile } from './connection.ts';
import { EXIT } from './exit-code.ts';
import type { Io } from './io.ts';
import { failureLine } from './failure-line.ts';
import { Misfits } from './misfit-prompt.ts';
import type { NodeRequest } from './node-request.ts';
import { howEnded, NodeProcess, restartDelayMs, WELL_AFTER_MS } from './processes.ts';
import type { Failed, Loaded, Ready, Report } from './protocol.ts';
import { paintFor, say } from './terminal.ts';

/** Editors write a file in several steps, and tools several files. */
const SETTLED_MS = 40;

type Cause = 'start' | 'change' | 'death';

/**
 * Runs workflows on a developer's machine, a process a build. A change is loaded in a process that already has dfns in
 * memory; only if its code loads is the serving one drained, and the other takes over store and executions: a typo
 * leaves the last good build serving, and nothing of an old build stays in memory. Resolves with the exit code.
 */
export class DevServer {
  readonly #io: Io;
  readonly #request: NodeRequest;
  readonly #store: DevStore;
  readonly #misfits: Misfits;
  readonly #watched = new Set<string>();
  #watcher: FSWatcher | undefined;
  #serving: NodeProcess | undefined;
  #spare: NodeProcess | undefined;
  /** Why another process must come, until one does. */
  #due: Cause | undefined = 'start';
  #wake: () => void = () => undefined;
  #deaths = 0;
  /** Where it is reached: over a change the same. */
  #port: number | undefined;

  constructor(request: NodeRequest, store: DevStore, io: Io) {
    this.#request = request;
    this.#store = store;
    this.#io = io;
    this.#misfits = new Misfits(io, id => this.#serving?.startAgain(id));
  }

  async run(): Promise<number> {
    const { interrupted } = this.#io;
    const wake = () => this.#wake();
    interrupted.addEventListener('abort', wake);
    try {
      while (!interrupted.aborted) {
        const cause = this.#due;
        this.#due = undefined;
        if (cause) {
          const code = await this.#bring(cause);
          if (code !== undefined) return code;
        } else {
          await new Promise<void>(resolve => (this.#wake = resolve));
        }
      }
      say(this.#io, this.#dim('stopping: tasks in hand may end; Ctrl-C again ends now'));
      const ended = await this.#serving?.drain();
      return ended === undefined || ended.code === 0 ? EXIT.done : EXIT.failed;
    } finally {
      interrupted.removeEventListener('abort', wake);
      this.#misfits.end();
      this.#spare?.kill();
      await this.#watcher?.close();
      await rm(devFile(this.#request.cwd), { force: true });
    }
  }

  /** Brings up the next process. An exit code where there is no point in going on. */
  async #bring(cause: Cause): Promise<number | undefined> {
    const began = performance.now();
    if (cause === 'death') await pause(restartDelayMs(this.#deaths), undefined, { ref: true });
    const next = this.#spare?.isRunning ? this.#spare : this.#newProcess();
    this.#spare = undefined;
    const loaded = await next.load(this.#request, true);
    await this.#watch(loaded.sources);
    if (loaded.kind === 'failed') {
      // Where no file was read there is none whose change could help. A name that was mistyped is told at once.
      const isMistyped =
        cause === 'start' && this.#request.files.some(file => !existsSync(resolve(this.#request.cwd, file)));
      return this.#watched.size === 0 || isMistyped ? this.#giveUp(loaded) : this.#refuse(loaded, next);
    }
    if (this.#io.interrupted.aborted) {
      next.kill();
      return undefined;
    }
    const before = this.#serving;
    this.#serving = undefined;
    this.#misfits.forget();
    await before?.drain();
    const tellReports = this.#follow(next);
    const ready = await next.serve(cause !== 'start', this.#port);
    if (ready.kind === 'failed') return cause === 'start' ? this.#giveUp(ready) : this.#refuse(ready, next);
    this.#serving = next;
    await this.#tellUrl(ready.url);
    this.#spare = this.#newProcess();
    this.#spare.warm();
    const took = `${Math.round(performance.now() - began)} ms`;
    if (cause === 'start') this.#greet(loaded, ready, took);
    else
      say(this.#io, `${this.#green(cause === 'change' ? 'reloaded' : 'started again')} in ${took}  ${namesOf(loaded)}`);
    tellReports();
    return undefined;
  }

  #newProcess(): NodeProcess {
    return new NodeProcess(this.#request.cwd, this.#io.env);
  }

  /** What the node reports is told once the caller says so: it may come together with that it is ready. */
  #follow(node: NodeProcess): () => void {
    const servedFrom = Date.now();
    let early: Report[] | undefined = [];
    const tell = (report: Report) => {
      if (report.kind === 'held') this.#misfits.add(report);
      if (report.kind === 'started-again') this.#misfits.startedAgain(report);
      if (report.kind === 'fits') this.#misfits.fits(report);
      const failure = failureLine(report);
      if (failure !== undefined) say(this.#io, paintFor(this.#io.stdout, this.#io.env)('red', failure));
      if (report.kind === 'failed') this.#io.stderr.write(`${report.message}\n`);
    };
    node.onReport(report => void (early ? early.push(report) : tell(report)));
    void node.ended.then(ended => {
      if (this.#serving !== node || this.#io.interrupted.aborted) return;
      this.#serving = undefined;
      this.#deaths = Date.now() - servedFrom > WELL_AFTER_MS ? 1 : this.#deaths + 1;
      this.#io.stderr.write(`The process of the node ended ${howEnded(ended)}; it is started again.\n`);
      this.#call('death');
    });
    return () => {
      const reports = early ?? [];
      early = undefined;
      for (const report of reports) tell(report);
    };
  }

  #call(cause: Cause): void {
    // A death is no change: what was edited meanwhile is loaded with it.
    this.#due = cause;
    this.#wake();
  }

  /** The last good build goes on, if there is one, until a file changes. */
  #refuse({ message }: Failed, next: NodeProcess): undefined {
    next.kill();
    this.#io.stderr.write(`${message}\n`);
    const state = this.#serving ? 'The build before it goes on' : 'Nothing runs';
    say(this.#io, this.#dim(`${state}; waiting for a change.`));
    return undefined;
  }

  #giveUp({ message, exitCode }: Failed): number {
    this.#io.stderr.write(`${message}\n`);
    return exitCode;
  }

  /** So that the other verbs find it from this folder. */
  async #tellUrl(url: string | undefined): Promise<void> {
    if (url === undefined) return;
    this.#port = Number(new URL(url).port);
    const file = devFile(this.#request.cwd);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(join(dirname(file), '.gitignore'), '*\n');
    await writeFile(file, JSON.stringify({ url, pid: process.pid }));
  }

  async #watch(sources: readonly string[]): Promise<void> {
    const added = sources.filter(file => !this.#watched.has(file));
    for (const file of added) this.#watched.add(file);
    if (!this.#watcher) {
      const { watch } = await import('chokidar');
      this.#watcher = watch([...added], { ignoreInitial: true, atomic: true });
      let timer: NodeJS.Timeout | undefined;
      this.#watcher.on('all', () => {
        clearTimeout(timer);
        timer = setTimeout(() => this.#call('change'), SETTLED_MS);
      });
      this.#io.interrupted.addEventListener('abort', () => clearTimeout(timer));
    } else if (added.length > 0) {
      this.#watcher.add(added);
    }
  }

  #greet(loaded: Loaded, { store, url }: Ready, took: string): void {
    say(this.#io, `${this.#green('ready')} in ${took}`);
    if (url) say(this.#io, `  ${this.#dim('http')}   ${url}`);
    say(this.#io, `  ${this.#dim('store')}  ${store === this.#store.url ? this.#store.shown : store}`);
    say(this.#io, `  ${this.#dim('runs')}   ${namesOf(loaded)}`);
    say(this.#io, this.#dim('  A change of a file is loaded at once. Ctrl-C stops.'));
  }

  #dim(text: string): string {
    return paintFor(this.#io.stdout, this.#io.env)('dim', text);
  }

  #green(text: string): string {
    return paintFor(this.#io.stdout, this.#io.env)('green', text);
  }
}

function namesOf({ workflows, tasks }: Loaded): string {
  return [...workflows, ...tasks.map(name => `${name} (task)`)].join(', ');
}

export interface DevStore {
  readonly url: string;
  /** For people. */
  readonly shown: string;
  remove(): Promise<void>;
}

/** Where a dev server keeps executions: in the project, or for its own time only. */
export async function devStore(cwd: string, memory: boolean): Promise<DevStore> {
  if (memory) {
    const folder = await mkdtemp(join(tmpdir(), 'dfns-dev-'));
    const wasThere = existsSync(join(cwd, '.dfns'));
    const remove = async () => {
      await rm(folder, { recursive: true, force: true });
      if (!wasThere) await rm(join(cwd, '.dfns'), { recursive: true, force: true });
    };
    return { url: `sqlite:${join(folder, 'dev.db')}`, shown: 'kept until this ends', remove };
  }
  const folder = join(cwd, '.dfns');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '.gitignore'), '*\n');
  const url = `sqlite:${relative(cwd, join(folder, 'dev.db'))}`;
  return { url, shown: url, remove: async () => undefined };
}
