import { startNode, workflow } from 'dfns';

/** Runs an execution that logs, and rejects a promise that nobody handles; ends by itself. */
class SecretError extends Error {}

const talks = workflow({ name: 'talks' }, async ctx => {
  ctx.log.info('in workflow', { n: 1 });
  await ctx.step('step', t => t.log.debug('in step', { level: 'fatal', dsn: 'postgres://ada:s3cr3t@db/app' }));
  void Promise.reject(new SecretError('s3cr3t'));
  await ctx.sleep('1ms');
});

const node = await startNode({ workflows: [talks], log: 'debug' });
const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
const handle = await node.client.start(talks, undefined, { id: 'a', headers });
await handle.result().catch(() => undefined);
await node.stop();
