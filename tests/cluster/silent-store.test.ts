import test from 'ava';
import { Measurements, StoreRefusedError, type Store } from '@dfnsjs/actor-core/ports';
import { signal, workflow } from 'dfns';
import { z } from 'zod';
import { Nodes } from './nodes.ts';

const go = signal('go', { input: z.number() });
const waits = workflow({ name: 'waits', signals: [go] }, ctx => ctx.waitForSignal(go));
const READ = new Set<string | symbol>(['current', 'chain', 'load', 'list', 'count', 'members', 'shards']);

/** A store that reads nothing while it is silent. */
function readable(store: Store) {
  let isSilent = false;
  const proxy = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) =>
        isSilent && READ.has(name)
          ? Promise.reject(new StoreRefusedError('no connection'))
          : (value as (...given: unknown[]) => unknown).apply(target, args);
    },
  });
  return { store: proxy, silence: (silent: boolean) => void (isSilent = silent) };
}

test('what the store does not answer is UNAVAILABLE, and whoever waits for a result goes on waiting', async t => {
  const nodes = new Nodes(t, waits);
  const { store, silence } = readable(nodes.store);
  const measurements = new Measurements(() => 0);
  const { client, node } = await nodes.start({ store, measurements, passivateAfterMs: 1 });
  const ids = ['e', 'f'];
  const [e, f] = await Promise.all(ids.map(id => client.start(waits, undefined, { id })));
  const address = { namespace: 'default', id: 'e' };
  silence(true);
  const { operations } = node;
  const questions: Record<string, () => Promise<unknown>> = {
    list: () => operations.list({ namespace: 'default', order: 'newest', limit: 10 }),
    count: () => operations.count({ namespace: 'default' }),
    describe: () => operations.describe(address),
    absent: () => operations.describe({ namespace: 'default', id: 'absent' }),
    history: () => operations.history({ ...address, limit: 10 }),
    export: () => operations.exportHistory(address),
    timeline: () => operations.timeline(address),
    state: () => operations.state(address),
    turn: () => operations.turn({ namespace: 'default', id: 'absent' }),
    signal: () => client.get(waits, 'absent').signal(go, 1),
    retry: () => client.get(waits, 'absent').retry(),
    cluster: () => operations.cluster({ namespace: 'default' }),
  };
  for (const [name, ask] of Object.entries(questions)) await t.throwsAsync(ask(), { code: 'UNAVAILABLE' }, name);
  t.true(measurements.counter('rejected', ['store']).value >= 8);
  const results = [e!.result(), f!.result()];
  silence(false);
  for (const id of ids) await client.get(waits, id).signal(go, 7);
  t.deepEqual(await Promise.all(results), [7, 7]);
});
