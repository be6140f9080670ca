import test from 'ava';
import { Measurements, OutcomeUnknownError, StoreRefusedError, type Store } from '@dfnsjs/actor-core/ports';
import { meteredStore } from './metered-store.ts';

type Answers = Partial<Record<keyof Store, () => Promise<unknown>>>;

/** With a part of its own, as classes have them. */
class OwnStore {
  readonly kind = 'own';
  readonly #answer = 7;
  current() {
    return Promise.resolve(this.#answer);
  }
}

function metered(answers: Answers | OwnStore) {
  let now = 0;
  const measurements = new Measurements(() => now);
  const store = meteredStore(
    ('kind' in answers ? answers : { kind: 'own', ...answers }) as unknown as Store,
    measurements,
  );
  const read = (key: string) =>
    Object.fromEntries(
      (measurements.read().find(each => each.key === key)?.series ?? []).map(each => [
        each.labels.join(' '),
        'value' in each ? each.value : [each.counts.reduce((a, b) => a + b), each.sum],
      ]),
    );
  return { store, read, pass: (ms: number) => (now += ms) };
}

const batch = { commitId: 'c', incarnation: 'i', actors: [{}, {}, {}] } as unknown as Parameters<Store['commit']>[0];

test('a call is answered by the store itself, and counted', async t => {
  const { store, read } = metered(new OwnStore());
  const answer: unknown = await store.current('default', 'a');
  t.is(answer, 7);
  await store.current('default', 'b');
  t.deepEqual(read('storeOperations'), { 'current ok': 2 });
  t.is(store.kind, 'own');
});

test('how a call failed is told apart, and whoever called hears of it', async t => {
  const errors = [new StoreRefusedError('no'), new OutcomeUnknownError('?'), new Error('x')];
  const { store, read } = metered({ load: () => Promise.reject(errors.shift() ?? new Error('none left')) });
  await t.throwsAsync(store.load([]), { instanceOf: StoreRefusedError });
  await t.throwsAsync(store.load([]), { instanceOf: OutcomeUnknownError });
  await t.throwsAsync(store.load([]), { message: 'x' });
  t.deepEqual(read('storeOperations'), { 'load refused': 1, 'load unknown': 1, 'load error': 1 });
});

test('the store is up as of its last answer', async t => {
  let fails = true;
  const { store, read } = metered({ shards: () => (fails ? Promise.reject(new Error('away')) : Promise.resolve([])) });
  t.deepEqual(read('storeUp'), { '': 1 });
  await t.throwsAsync(store.shards());
  t.deepEqual(read('storeUp'), { '': 0 });
  fails = false;
  await store.shards();
  t.deepEqual(read('storeUp'), { '': 1 });
});

test('a store that renews by itself counts its answers and failures', t => {
  let tell = () => undefined as void;
  let fail = () => undefined as void;
  const renewals = {
    onAnswer: (listener: () => void) => (tell = listener),
    onFailure: (listener: () => void) => (fail = listener),
  };
  const { store, read } = metered({ renewals: (() => renewals) as never });
  t.is(store.renewals!('i' as never, {} as never), renewals as never);
  tell();
  tell();
  fail();
  t.deepEqual(read('storeOperations'), { 'renew ok': 2, 'renew error': 1 });
  t.deepEqual(read('storeUp'), { '': 0 });
  tell();
  t.deepEqual(read('storeUp'), { '': 1 });
});

test('connections are told where the store has some', t => {
  const { store, read } = metered({ connections: (() => ({ busy: 3, waiting: 7 })) as never });
  t.deepEqual(read('storeConnections'), { busy: 3, waiting: 7 });
  t.deepEqual(store.connections!(), { busy: 3, waiting: 7 });
  t.deepEqual(metered({}).read('storeConnections'), {});
});

test('commits are measured: duration, size, and what was fenced', async t => {
  const { store, read, pass } = metered({
    commit: () => {
      pass(250);
      return Promise.resolve([{ kind: 'done' }, { kind: 'fenced' }, { kind: 'fenced' }]);
    },
  });
  await store.commit(batch);
  t.deepEqual(read('commitDuration'), { own: [1, 0.25] });
  t.deepEqual(read('commitBatch'), { '': [1, 3] });
  t.deepEqual(read('fencedCommits'), { '': 2 });
  t.deepEqual(read('storeOperations'), { 'commit ok': 1 });
});
