import { createServer } from 'node:net';
import { DfnsError } from '@dfnsjs/actor-core';

const TRIED = 100;

/** The first port from `first` on that nobody listens on. UNAVAILABLE where a hundred are taken. */
export async function freePort(first: number, host: string): Promise<number> {
  for (let port = first; port < first + TRIED && port <= 65_535; port++) {
    if (await isFree(port, host)) return port;
  }
  throw new DfnsError('UNAVAILABLE', `No port from ${first} to ${first + TRIED - 1} is free: choose one by --port.`);
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
