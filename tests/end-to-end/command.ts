import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { until } from './until.ts';

const ROOT = join(import.meta.dirname, '../..');
export const DFNS = join(ROOT, 'packages/dfns/bin/dfns.js');

/** A project of a user's, with files; it goes with its test. */
export function project(t: ExecutionContext, files: Record<string, string> = {}): string {
  // Within the repository, so that its files find dfns as a user's would.
  const projects = join(ROOT, 'tests/dist');
  mkdirSync(projects, { recursive: true });
  const folder = mkdtempSync(join(projects, 'project-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** `dfns …` in a process of its own, on pipes. It goes with its test, however that ends. */
export class Command {
  out = '';
  err = '';
  readonly #process: ChildProcess;
  readonly #ended: Promise<readonly unknown[]>;
  /** Ended, and all it said is here. */
  #isClosed = false;

  constructor(t: ExecutionContext, cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#process = spawn(process.execPath, [DFNS, ...args], {
      cwd,
      env: { PATH: process.env['PATH'], HOME: cwd, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#process.stdout?.on('data', (text: Buffer) => (this.out += text.toString()));
    this.#process.stderr?.on('data', (text: Buffer) => (this.err += text.toString()));
    this.#ended = once(this.#process, 'close');
    this.#process.once('close', () => (this.#isClosed = true));
    t.teardown(() => this.#process.kill('SIGKILL'));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The processes that it started itself and that are there now. */
  get children(): readonly number[] {
    const listed = execFileSync('ps', ['-e', '-o', 'ppid=,pid='], { encoding: 'utf8' }).trim().split('\n');
    return listed
      .map(line => line.trim().split(/\s+/).map(Number))
      .flatMap(([of, pid]) => (of === this.pid ? [pid!] : []));
  }

  /** Waits until the output has the pattern, `times` times. Throws what was said where the command ends without it. */
  async says(pattern: RegExp, times = 1): Promise<void> {
    const all = new RegExp(pattern, 'g');
    const holds = () => [...`${this.out}\n${this.err}`.matchAll(all)].length >= times;
    await until(() => {
      if (this.#isClosed && !holds()) throw new Error(`It ended: ${this.out}${this.err}`);
      return holds();
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Its exit code, once it has ended. */
  async ends(): Promise<unknown> {
    this.#process.stdin?.end();
    const [code, signal] = await this.#ended;
    return code ?? signal;
  }
}
