import {
  OutcomeUnknownError,
  StoreRefusedError,
  type CommitBatch,
  type CommitVerdict,
  type Counter,
  type Measurements,
  type Store,
} from '@dfnsjs/actor-core/ports';

type Outcome = 'ok' | 'refused' | 'unknown' | 'error';

/** The store, with its calls counted: by operation and outcome, and commits with their duration, size and refusals. */
export function meteredStore(store: Store, measurements: Measurements): Store {
  const durations = measurements.distribution('commitDuration', [store.kind]);
  const sizes = measurements.distribution('commitBatch', []);
  const fenced = measurements.counter('fencedCommits', []);
  let isUp = true;
  measurements.gauge('storeUp', () => [[[], isUp ? 1 : 0]]);

  const counted = (op: string, call: (...args: never[]) => Promise<unknown>) => {
    const counters = new Map<Outcome, Counter>();
    const count = (outcome: Outcome) => {
      let counter = counters.get(outcome);
      if (!counter) counters.set(outcome, (counter = measurements.counter('storeOperations', [op, outcome])));
      counter.value++;
      isUp = outcome === 'ok';
    };
    return async (...args: never[]): Promise<unknown> => {
      try {
        const answer = await call.apply(store, args);
        count('ok');
        return answer;
      } catch (error) {
        count(outcomeOf(error));
        throw error;
      }
    };
  };

  const commit = counted('commit', store.commit) as Store['commit'];
  const calls = new Map<PropertyKey, unknown>([
    [
      'commit',
      async (batch: CommitBatch): Promise<readonly CommitVerdict[]> => {
        const begun = measurements.elapsed();
        sizes.observe(batch.actors.length);
        try {
          const verdicts = await commit(batch);
          for (const { kind } of verdicts) if (kind === 'fenced') fenced.value++;
          return verdicts;
        } finally {
          durations.observe((measurements.elapsed() - begun) / 1_000);
        }
      },
    ],
  ]);
  if (store.connections) {
    calls.set('connections', () => store.connections!());
    measurements.gauge('storeConnections', () =>
      Object.entries(store.connections!()).map(([state, n]) => [[state], n]),
    );
  }
  if (store.renewals) {
    // They are no call: each answer of theirs counts as one, and each failure.
    const renewed = measurements.counter('storeOperations', ['renew', 'ok']);
    const failed = measurements.counter('storeOperations', ['renew', 'error']);
    calls.set('renewals', (...args: Parameters<NonNullable<Store['renewals']>>) => {
      const renewals = store.renewals!(...args);
      renewals.onAnswer(() => {
        renewed.value++;
        isUp = true;
      });
      renewals.onFailure(() => {
        failed.value++;
        isUp = false;
      });
      return renewals;
    });
  }
  // Whatever a store can be asked is counted by its own name, and called on the store itself, which may have parts of
  // its own that nobody else can reach.
  return new Proxy(store, {
    get(target, name) {
      const known = calls.get(name);
      if (known) return known;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      const call = counted(name, value as (...args: never[]) => Promise<unknown>);
      calls.set(name, call);
      return call;
    },
  });
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof StoreRefusedError) return 'refused';
  return error instanceof OutcomeUnknownError ? 'unknown' : 'error';
}
