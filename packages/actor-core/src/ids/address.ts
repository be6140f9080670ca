import type { ShardId } from './ids.ts';

/** Where an execution is found: its namespace and the id its caller chose. */
export interface Address {
  readonly namespace: string;
  readonly id: string;
}

/** One string for maps; namespaces and ids hold no control characters. */
export function addressKey(namespace: string, id: string): string {
  return namespace + '\u0000' + id;
}

/** The shard of what `addressKey` gave. */
export function shardOfKey(key: string, shards: number): ShardId {
  const end = key.indexOf('\u0000');
  return shardOf(key.slice(0, end), key.slice(end + 1), shards);
}

/** The shard of an address: FNV-1a over UTF-16 units, 32 bits. Fixed for ever, since stored rows depend on it. */
export function shardOf(namespace: string, id: string, shards: number): ShardId {
  let hash = 0x811c9dc5;
  for (let i = 0; i < namespace.length; i++) hash = Math.imul(hash ^ namespace.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash, 0x01000193);
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return ((hash >>> 0) % shards) as ShardId;
}
