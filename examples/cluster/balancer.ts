import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@dfnsjs/nats-server';
import { Program } from './processes.ts';

const PROGRAM = '/usr/sbin/haproxy';

export interface Balancer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts haproxy before the nodes at these ports, with its configuration in the folder. A node that does not answer, or
 * says at /readyz that it drains, gets no further requests. It repeats none itself: clients do, under the same key.
 */
export async function startBalancer(folder: string, ports: readonly number[]): Promise<Balancer> {
  if (!existsSync(PROGRAM)) throw new Error('This needs haproxy: apt-get install haproxy');
  const port = await freePort();
  const config = join(folder, 'haproxy.cfg');
  writeFileSync(config, configuration(port, ports));
  const program = new Program(PROGRAM, ['-db', '-q', '-f', config]);
  const url = `http://127.0.0.1:${port}`;
  while (
    !(await fetch(`${url}/readyz`).then(
      answer => answer.ok,
      () => false,
    ))
  ) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  return { url, stop: () => program.end('SIGTERM') };
}

function configuration(port: number, ports: readonly number[]): string {
  const servers = ports.map(each => `  server node-${each} 127.0.0.1:${each} check inter 300ms fall 2 rise 1`);
  return [
    'defaults',
    '  mode http',
    '  timeout connect 1s',
    // Longer than the 55 s that a node lets a request wait.
    '  timeout client 70s',
    '  timeout server 70s',
    '  timeout check 2s',
    '  option redispatch',
    'frontend clients',
    `  bind 127.0.0.1:${port}`,
    '  default_backend nodes',
    'backend nodes',
    '  balance roundrobin',
    '  option httpchk',
    '  http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host localhost',
    ...servers,
    '',
  ].join('\n');
}
