import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ROOT } from './pages.ts';

/** What a page types in a shell, block by block, and the files that it shows before. */
export interface Session {
  readonly page: string;
  /** Programs that begin with their file's name in a comment. */
  readonly files: readonly { readonly name: string; readonly code: string }[];
  readonly blocks: readonly { readonly line: number; readonly code: string; readonly prints: string | undefined }[];
}

const BLOCK = /^```bash\n(?<code>.*?)^```\n(?:\n```text\n(?<prints>.*?)^```\n)?/gms;
const FILE = /^```ts\n\/\/ (?<name>\S+\.ts)\n(?<code>.*?)^```\n/gms;
/** It runs until the page ends; the next block is typed in another terminal. */
const NODE = /^dfns (dev|serve)\b/;
const LISTENS = /listens on (http:\/\/[\w.]+:\d+)/;

export function sessions(): readonly Session[] {
  return globSync('docs/guide/*.md', { cwd: ROOT })
    .toSorted()
    .map(page => {
      const text = readFileSync(join(ROOT, page), 'utf8');
      return {
        page,
        files: [...text.matchAll(FILE)].map(({ groups }) => ({ name: groups!['name']!, code: groups!['code']! })),
        blocks: [...text.matchAll(BLOCK)].map(({ index, groups }) => ({
          line: text.slice(0, index).split('\n').length,
          code: groups!['code']!,
          prints: groups!['prints'],
        })),
      };
    })
    .filter(({ blocks }) => blocks.length > 0);
}

/** A shell in `cwd`, whose `dfns` is this repository's, and whose nodes take a free port each. */
export class Shell {
  readonly #cwd: string;
  readonly #env: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: [join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    DFNS_HTTP_PORT: '0',
    NO_COLOR: '1',
  };
  readonly #nodes: ChildProcess[] = [];

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** What the block prints; a node is left running, and asked from then on. Rejects where a command fails. */
  async run(code: string): Promise<string> {
    if (NODE.test(code)) {
      await this.#start(code);
      return '';
    }
    const child = spawn('bash', ['-eo', 'pipefail', '-c', code], { cwd: this.#cwd, env: this.#env });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
    child.stderr.on('data', (chunk: Buffer) => (errors += String(chunk)));
    const [exit] = (await once(child, 'close')) as [number | null];
    if (exit !== 0) throw new Error(`It ended with ${exit}: ${output}${errors}`);
    return output;
  }

  async #start(code: string): Promise<void> {
    const child = spawn('bash', ['-c', `exec ${code}`], { cwd: this.#cwd, env: this.#env });
    this.#nodes.push(child);
    let said = '';
    this.#env['DFNS_URL'] = await new Promise<string>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        said += String(chunk);
        const url = LISTENS.exec(said)?.[1];
        if (url !== undefined) resolve(url);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.on('close', exit => reject(new Error(`It ended with ${exit} before it listened: ${said}`)));
    });
  }

  async close(): Promise<void> {
    for (const child of this.#nodes) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'close');
    }
  }
}
