import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How long people wait for the command, and what a node takes that does nothing. */

const ROOT = join(import.meta.dirname, '..');
const DFNS = join(ROOT, 'packages/dfns/bin/dfns.js');
const WORKFLOWS = `import { workflow } from 'dfns';
export const hello = workflow({ name: 'hello' }, async (ctx, name: string) => ctx.step('greet', async () => 'Hello ' + name));
`;

/** A project within the repository, so that its files find dfns. */
export function makeProject(): { readonly folder: string; remove(): void } {
  mkdirSync(join(ROOT, 'bench/dist'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'bench/dist/project-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'workflows.ts'), WORKFLOWS);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Milliseconds from start to exit. */
export async function timeOf(args: readonly string[], cwd: string): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, args, { cwd, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}.`);
  return performance.now() - begun;
}

export const list = (url: string) => [DFNS, 'list', '--url', url];

export interface DevTimes {
  readonly readyMs: number;
  readonly reloadMs: readonly number[];
}

/** `dfns dev` from its start until it says that it serves, and from a change of a file until it says so again. */
export async function devTimes(folder: string, changes: number): Promise<DevTimes> {
  const begun = performance.now();
  const dev = startCommand(['dev', 'workflows.ts', '--memory'], folder);
  try {
    await dev.says(/ready in/);
    const readyMs = performance.now() - begun;
    const reloadMs: number[] = [];
    for (let i = 0; i < changes; i++) {
      // As long as the process of the next build takes to be ready for it.
      await new Promise(resolve => setTimeout(resolve, 2_500));
      const changed = performance.now();
      writeFileSync(join(folder, 'workflows.ts'), `${WORKFLOWS}// ${i}\n`);
      await dev.says(/reloaded in/);
      reloadMs.push(performance.now() - changed);
    }
    return { readyMs, reloadMs };
  } finally {
    await dev.end();
  }
}

/** Resident bytes of the process that serves under `dfns serve`, once it has done nothing for five seconds. */
export async function idleBytes(folder: string): Promise<number> {
  const args = ['serve', 'workflows.ts', '--store', 'sqlite:idle.db', '--port', '0'];
  const node = startCommand(args, folder);
  try {
    await node.says(/listens on/);
    await new Promise(resolve => setTimeout(resolve, 5_000));
    const children = readFileSync(`/proc/${node.pid}/task/${node.pid}/children`, 'utf8').trim().split(' ');
    const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${children[0]}/status`, 'utf8'))?.[1];
    return Number(rss) * 1024;
  } finally {
    await node.end();
  }
}

function startCommand(args: readonly string[], cwd: string) {
  const child: ChildProcess = spawn(process.execPath, [DFNS, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let wake: () => void = () => undefined;
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (data: Buffer) => {
      text += data.toString();
      wake();
    });
  }
  child.on('exit', () => wake());
  return {
    pid: child.pid!,
    /** Waits until the output that was not looked at yet has the pattern. */
    async says(pattern: RegExp): Promise<void> {
      while (!pattern.test(text)) {
        if (child.exitCode !== null) throw new Error(`dfns ${args.join(' ')} ended: ${text}`);
        await new Promise<void>(resolve => (wake = resolve));
      }
      text = '';
    },
    async end(): Promise<void> {
      if (child.exitCode !== null) return;
      child.kill('SIGINT');
      // Whoever asks twice does not want to wait.
      child.kill('SIGINT');
      await once(child, 'exit');
    },
  };
}
