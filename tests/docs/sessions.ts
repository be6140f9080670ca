import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
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
const READY_MS = 60_000;

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

/** A shell in `cwd`, whose `dfns` is this repository's, with a port of its own. */
export class Shell {
  readonly #cwd: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #url: string;
  readonly #nodes: ChildProcess[] = [];

  private constructor(cwd: string, port: number) {
    this.#cwd = cwd;
    this.#url = `http://127.0.0.1:${port}`;
    this.#env = {
      ...process.env,
      PATH: [join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
      DFNS_URL: this.#url,
      DFNS_HTTP_PORT: String(port),
      NO_COLOR: '1',
    };
  }

  static async open(cwd: string): Promise<Shell> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return new Shell(cwd, port);
  }

  /** What the block prints; a node is left running once it is ready. Rejects where a command fails. */
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
    const child = spawn('bash', ['-c', `exec ${code}`], { cwd: this.#cwd, env: this.#env, stdio: 'ignore' });
    this.#nodes.push(child);
    const before = performance.now();
    while (!(await this.#isReady())) {
      if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode} before it was ready.`);
      if (performance.now() - before > READY_MS) throw new Error('It does not become ready.');
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }

  #isReady(): Promise<boolean> {
    return fetch(`${this.#url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  async close(): Promise<void> {
    for (const child of this.#nodes) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'close');
    }
  }
}
