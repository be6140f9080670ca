import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Order, Places } from './member.ts';

const MEMBER = fileURLToPath(new URL('member.ts', import.meta.url));
const BALANCED_MS = 120_000;

/** One node's process, which answers each line with a line. */
export class Member {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** @param lease as `startNode` takes it; absent: its default */
  constructor(store: string, transport: string, name: string, lease?: string) {
    const args = [MEMBER, store, transport, name, ...(lease === undefined ? [] : [lease])];
    this.#process = spawn(process.execPath, [...process.execArgv, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  async here(): Promise<void> {
    await this.#line();
  }

  async ask<Answer>(order: Order): Promise<Answer> {
    this.#process.stdin?.write(`${JSON.stringify(order)}\n`);
    return (await this.#line()) as Answer;
  }

  /** Without a word. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    const { stdin, exitCode, signalCode } = this.#process;
    stdin?.end();
    if (exitCode === null && signalCode === null) await once(this.#process, 'exit');
  }

  async #line(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('A node of the cluster ended.');
    return JSON.parse(value) as unknown;
  }
}

/** Until all shards have owners and none is to move: or, given a share, until each node has so much of them. */
export async function balanced(member: Member, size: number, share?: number): Promise<void> {
  for (const begun = performance.now(); performance.now() - begun < BALANCED_MS;) {
    const { nodes, total, owned, moving } = await member.ask<Places>({ kind: 'places' });
    const isShared = share === undefined ? moving === 0 : nodes.every(shards => shards >= share * total);
    if (nodes.length === size && owned === total && isShared) return;
    await new Promise(resolve => setTimeout(resolve, 500));
  }
  throw new Error('The shards did not come to rest.');
}
