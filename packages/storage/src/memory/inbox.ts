import type { InboxKey, InboxRow } from '@dfnsjs/actor-core/ports';
import type { Eid, ShardId } from '@dfnsjs/actor-core/records';

/** Durable messages that nobody has taken, by receiver. */
export class MemoryInbox {
  readonly #receivers = new Map<Eid, Map<string, InboxRow>>();

  has(key: InboxKey): boolean {
    return this.#receivers.get(key.receiver)?.has(textOf(key)) ?? false;
  }

  add(row: InboxRow): void {
    let rows = this.#receivers.get(row.receiver);
    if (!rows) this.#receivers.set(row.receiver, (rows = new Map()));
    rows.set(textOf(row), { ...row, message: row.message.slice() });
  }

  remove(key: InboxKey): void {
    const rows = this.#receivers.get(key.receiver);
    rows?.delete(textOf(key));
    if (rows?.size === 0) this.#receivers.delete(key.receiver);
  }

  removeAll(receiver: Eid): void {
    this.#receivers.delete(receiver);
  }

  /** Ascending by (accepted, sender, number). */
  of(shard: ShardId, receiver: Eid): readonly InboxRow[] {
    const rows = [...(this.#receivers.get(receiver)?.values() ?? [])];
    return rows.filter(row => row.shard === shard).sort(compareKeys);
  }

  /** Ascending by key, after a cursor. */
  page(
    shard: ShardId,
    limit: number,
    after: InboxKey | undefined,
    skip: (receiver: Eid) => boolean,
  ): readonly InboxRow[] {
    const page: InboxRow[] = [];
    for (const receiver of [...this.#receivers.keys()].sort((a, b) => a - b)) {
      if (page.length >= limit) break;
      if ((after && receiver < after.receiver) || skip(receiver)) continue;
      page.push(...this.of(shard, receiver).filter(row => !after || compareKeys(row, after) > 0));
    }
    return page.slice(0, limit);
  }

  /** 0 without any row. */
  highestAccepted(shard: ShardId): number {
    let highest = 0;
    for (const rows of this.#receivers.values()) {
      for (const row of rows.values()) if (row.shard === shard && row.accepted > highest) highest = row.accepted;
    }
    return highest;
  }
}

function textOf(key: InboxKey): string {
  return `${key.shard} ${key.accepted} ${key.sender} ${key.number}`;
}

function compareKeys(a: InboxKey, b: InboxKey): number {
  return a.receiver - b.receiver || a.accepted - b.accepted || a.sender - b.sender || a.number - b.number;
}
