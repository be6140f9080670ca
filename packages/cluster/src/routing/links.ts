import type { Epoch, ShardId } from '@dfnsjs/actor-core/records';

/** From the executions of one shard to those of another, while neither changes hands. */
export interface LinkName {
  readonly from: ShardId;
  readonly fromEpoch: Epoch;
  readonly to: ShardId;
  readonly toEpoch: Epoch;
}

interface Numbered extends LinkName {
  last: number;
}

/** Numbers messages in the order in which they became durable. They live as long as the process: a new link says so. */
export class OutgoingLinks {
  readonly #links = new Map<number, Numbered>();

  next(name: LinkName): number {
    const key = keyOf(name);
    const link = this.#links.get(key);
    if (link && link.fromEpoch === name.fromEpoch && link.toEpoch === name.toEpoch) return ++link.last;
    this.#links.set(key, { ...name, last: 1 });
    return 1;
  }
}

/** What is to be done now that a message came. */
export type Arrival =
  /** It is the next one. */
  | 'deliver'
  /** It is old: of an earlier owner, or there already. */
  | 'drop'
  /** Something before it may be missing: the inbox of the shard is to be read, and the link waits for that. */
  | 'read'
  /** The link waits for the inbox. */
  | 'wait';

interface Incoming<T> extends LinkName {
  /** Delivered, or in an inbox that was read. */
  last: number;
  /** null: nothing is missing. */
  waiting: { readonly number: number; readonly item: T }[] | null;
  /** What the reading under way covers. */
  covered: number;
}

/**
 * Whether messages of a link come without a gap, and those that wait for one to be closed. Pure. A new link begins with
 * a look at the inbox, since what its shard's last owner sent may have been lost.
 */
export class IncomingLinks<T> {
  readonly #links = new Map<number, Incoming<T>>();

  arrive(name: LinkName, number: number, item: T): Arrival {
    const key = keyOf(name);
    const link = this.#links.get(key);
    if (!link || link.fromEpoch < name.fromEpoch || link.toEpoch < name.toEpoch) {
      const { from, fromEpoch, to, toEpoch } = name;
      this.#links.set(key, { from, fromEpoch, to, toEpoch, last: 0, waiting: [{ number, item }], covered: 0 });
      return 'read';
    }
    if (!isSame(link, name) || number <= link.last) return 'drop';
    if (link.waiting) {
      link.waiting.push({ number, item });
      return 'wait';
    }
    if (number === link.last + 1) {
      link.last = number;
      return 'deliver';
    }
    link.waiting = [{ number, item }];
    return 'read';
  }

  /** The reading of the inbox begins: all that has come is durable, and so is all that was sent before it. */
  beginRead(name: LinkName): void {
    const link = this.#links.get(keyOf(name));
    if (!link?.waiting || !isSame(link, name)) return;
    link.covered = Math.max(...link.waiting.map(({ number }) => number));
  }

  /** The inbox was read: what is to be delivered besides, and whether it must be read again before the link goes on. */
  endRead(name: LinkName): { readonly deliver: readonly T[]; readonly again: boolean } {
    const link = this.#links.get(keyOf(name));
    if (!link?.waiting || !isSame(link, name)) return { deliver: [], again: false };
    link.last = Math.max(link.last, link.covered);
    const rest = link.waiting.filter(({ number }) => number > link.last).sort((a, b) => a.number - b.number);
    const deliver: T[] = [];
    while (rest.length > 0 && rest[0]!.number <= link.last + 1) {
      const { number, item } = rest.shift()!;
      if (number <= link.last) continue;
      link.last = number;
      deliver.push(item);
    }
    link.waiting = rest.length > 0 ? rest : null;
    return { deliver, again: rest.length > 0 };
  }

  /** The shard is another node's: its links begin anew when it comes back. */
  dropReceiver(shard: ShardId): void {
    for (const [key, { to }] of this.#links) if (to === shard) this.#links.delete(key);
  }
}

function isSame(a: LinkName, b: LinkName): boolean {
  return a.fromEpoch === b.fromEpoch && a.toEpoch === b.toEpoch;
}

/** Shards are below 4,096. */
function keyOf({ from, to }: LinkName): number {
  return from * 65_536 + to;
}
