import { task } from '@dfnsjs/actor-core';
import { threadId } from 'node:worker_threads';

/** Exported by a file of its own, for the threads of test clusters. */
export const inThread = task({ name: 'in-thread', thread: true, timeout: '1m' }, (n: number) => ({
  n: n + 1,
  threaded: threadId > 0,
}));
