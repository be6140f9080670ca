import { startNode, workflow } from 'dfns';

/** Prints what becomes of executions that reject promises of their own; with `outside`, rejects one outside of all. */
const careless = workflow({ name: 'careless' }, async ctx => {
  void Promise.reject(new Error('nobody looks'));
  await ctx.sleep(1);
  return 'done';
});
const late = workflow({ name: 'late' }, async ctx => {
  const own = Promise.reject(new Error('handled in time'));
  await ctx.sleep(5);
  return own.catch((error: Error) => error.message);
});
const quick = workflow({ name: 'quick' }, async () => {
  void Promise.reject(new Error('at once'));
  return 'done';
});
const innocent = workflow({ name: 'innocent' }, async ctx => {
  await ctx.sleep(10);
  return 'untouched';
});

const workflows = [careless, late, quick, innocent];
const node = await startNode({ workflows, log: 'silent' });
const outcomes = await Promise.all(
  workflows.map(each => node.client.execute(each).catch((error: Error) => `Error: ${error.message}`)),
);
console.log(JSON.stringify(outcomes));
if (process.argv[2] === 'outside') {
  void Promise.reject(new Error('outside'));
  await node.client.execute(innocent);
}
await node.stop();
