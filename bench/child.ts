import { waitingCost } from './memory.ts';
import fastify from 'fastify';
import { go, open, openOverHttp, sleeper, startWaiting, waiting, woken } from './workloads.ts';

/** One measurement that needs a process of its own: `node bench/child.ts ROLE PATH [COUNT]`, its answer as JSON. */
const [role, path, count] = process.argv.slice(2);
const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`);

switch (role) {
  case 'memory':
    say(await waitingCost(path!));
    break;
  case 'fill': {
    // Half wait on a signal, half on a signal or a timer; says when all are there, and is killed.
    const node = await open(path!);
    await startWaiting(node, Number(count), i => i % 2 === 0);
    say({ started: Number(count) });
    break;
  }
  case 'recover': {
    const begun = performance.now();
    const node = await open(path!);
    const startedMs = performance.now() - begun;
    const handle = node.client.get(waiting, `waiting-${Number(count) - 1}`);
    await handle.signal(go, { by: 'bench' });
    const by = await handle.result();
    say({ startedMs, answeredMs: performance.now() - begun, by });
    await node.stop();
    break;
  }
  case 'idle': {
    const node = await open(path!);
    say({});
    process.once('SIGTERM', () => void node.stop().then(() => process.exit()));
    break;
  }
  case 'fill-asleep': {
    const node = await open(path!);
    await startAsleep(node, Number(count), () => Date.now() + 30 * 86_400_000);
    await node.stop();
    say({});
    break;
  }
  case 'due': {
    const node = await open(path!);
    // They are all there before the first is due.
    const from = Date.now() + 60_000 + Number(count);
    await startAsleep(node, Number(count), i => from + (i * 60_000) / Number(count));
    if (Date.now() > from) throw new Error('Some were due before all were there.');
    const deadline = from + 5 * 60_000;
    while (woken.count < Number(count) && Date.now() < deadline) await new Promise(next => setTimeout(next, 100));
    say({ woken: woken.count, lastMs: woken.lastAt - (from + 60_000) });
    await node.stop();
    break;
  }
  case 'serve': {
    const node = await openOverHttp(path!, Number(count));
    say({ url: node.url });
    process.once('SIGTERM', () => void node.stop().then(() => process.exit()));
    break;
  }
  case 'serve-empty': {
    const app = fastify({ forceCloseConnections: true });
    app.post('/*', (_, reply) => reply.code(202).send());
    say({ url: await app.listen({ host: '127.0.0.1', port: 0 }) });
    process.once('SIGTERM', () => void app.close().then(() => process.exit()));
    break;
  }
  default:
    throw new Error(`There is no role ${role}.`);
}

async function startAsleep(node: Awaited<ReturnType<typeof open>>, count: number, untilOf: (i: number) => number) {
  const items = function* () {
    for (let i = 0; i < count; i++) yield { input: { until: untilOf(i) } };
  };
  for await (const { error } of node.client.startMany(sleeper, items())) if (error) throw error;
}
