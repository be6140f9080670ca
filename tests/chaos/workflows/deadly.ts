import { performance } from 'node:perf_hooks';
import { task, workflow } from 'dfns';

const kill = task({ name: 'kill', retry: { initial: '50ms' } }, () => {
  process.kill(process.pid, 'SIGKILL');
});

/** Its body takes the process down, each time. */
export const deadly = workflow({ name: 'deadly' }, ctx => ctx.run(kill));

/** Holds up the event loop of its node, once in each process that reads it. */
export const blocking = workflow({ name: 'blocking' }, async (ctx, ms: number) => {
  const until = performance.now() + ms;
  while (performance.now() < until);
  await ctx.sleep(1);
  return 'gone on';
});
