import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What a node does over HTTP: servers in processes of their own, load by `wrk`, single requests by Node's client. */

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
const CONNECTIONS = 100;

export interface Served {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a role of child.ts that serves until it is stopped. */
export async function serve(role: 'serve' | 'serve-empty', path: string, count = 0): Promise<Served> {
  const child: ChildProcess = spawn(process.execPath, [...process.execArgv, CHILD, role, path, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return {
    url,
    pid: child.pid!,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

export interface Load {
  readonly requestsPerSecond: number;
  /** Answers that were no success. */
  readonly refused: number;
}

/** `wrk` with 100 connections; `body` is what it sends, `path` a Lua expression. */
export async function load(url: string, path: string, body: string, seconds: number, folder: string): Promise<Load> {
  const script = join(folder, 'load.lua');
  writeFileSync(
    script,
    `math.randomseed(os.time())
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
request = function() return wrk.format("POST", ${path}, nil, [[${body}]]) end`,
  );
  const { stdout } = await promisify(execFile)('wrk', [
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${seconds}s`,
    '-s',
    script,
    url,
  ]).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Error('The load over HTTP is made by wrk: apt-get install wrk.') : error;
  });
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1];
  if (rate === undefined) throw new Error(stdout);
  return {
    requestsPerSecond: Number(rate),
    refused: Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0),
  };
}

/** One at a time over one connection; milliseconds of each call. */
export async function oneByOne(url: string, count: number, paths: (i: number) => readonly string[]): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  for (let i = -50; i < count; i++) {
    const begun = performance.now();
    for (const path of paths(i)) await post(agent, url + path);
    if (i >= 0) times.push(performance.now() - begun);
  }
  agent.destroy();
  return times;
}

function post(agent: Agent, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } }, answer => {
      if (answer.statusCode! >= 300) reject(new Error(`${url} answered ${answer.statusCode}.`));
      answer.resume().on('end', resolve);
    });
    sent.on('error', reject).end('{"by":"bench"}');
  });
}
