import { storeSilent } from '@dfnsjs/actor-core/engine';
import type { Store } from '@dfnsjs/actor-core/ports';

/** What callers' questions are answered from. */
const ASKED = ['current', 'chain', 'load', 'list', 'count', 'members', 'shards', 'openWorkflows', 'setDuty'] as const;

export type CallersStore = Pick<Store, 'kind' | 'exclusive' | (typeof ASKED)[number]>;

/** The store for those who answer callers: what it cannot answer is UNAVAILABLE, to be asked again; `refused` hears of it. */
export function storeForCallers(store: Store, refused: () => void = () => undefined): CallersStore {
  const asked = ASKED.flatMap(name => {
    const method = store[name] as ((...args: readonly unknown[]) => Promise<unknown>) | undefined;
    if (!method) return [];
    const ask = async (...args: readonly unknown[]) => {
      try {
        return await method.apply(store, [...args]);
      } catch (error) {
        const told = storeSilent(error);
        if (told !== error) refused();
        throw told;
      }
    };
    return [[name, ask] as const];
  });
  return { kind: store.kind, exclusive: store.exclusive, ...Object.fromEntries(asked) } as CallersStore;
}
