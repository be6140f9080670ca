import type { Store } from '@dfnsjs/actor-core/ports';
import type { Eid, ShardId } from '@dfnsjs/actor-core/records';
import { NAMESPACE, SHARDS } from './scene.ts';

/** All that a store shows of some runs and ids, for comparing before and after. Bytes as text. */
export async function traceOf(store: Store, eids: readonly Eid[], ids: readonly string[]): Promise<unknown> {
  const shards = Array.from({ length: SHARDS }, (_, shard) => ({ shard: shard as ShardId }));
  return readable({
    loaded: await store.load(eids),
    current: await Promise.all(ids.map(async id => (await store.current(NAMESPACE, id))?.eid)),
    due: await store.due(shards, Number.MAX_SAFE_INTEGER, 1_000),
    inbox: await store.inbox(shards, 1_000),
    held: await store.held(shards, 1_000),
    listed: await store.list({ filter: { namespace: NAMESPACE }, order: 'oldest', limit: 1_000 }),
  });
}

/** Bytes as text, whichever kind of Uint8Array a driver hands out. */
export function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes:${new TextDecoder('latin1').decode(value)}`;
  if (value instanceof Map) return [...value].map(readable);
  if (value instanceof Date) return { date: value.getTime() };
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readable(item)]));
  }
  return value;
}
