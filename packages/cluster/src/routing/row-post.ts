import { inSenderOrder, type InboxKey, type InboxRow, type ScanFrom, type Store } from '@dfnsjs/actor-core/ports';
import type { Eid, Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import { LARGEST_PAGE, wholeReceivers } from '../shards/inbox-pages.ts';
import type { Persistence } from '../shards/persistence.ts';
import type { Item } from '../transport/frame.ts';
import { KIND } from './items.ts';
import { IncomingLinks, OutgoingLinks, type LinkName } from './links.ts';
import type { Post } from './post.ts';
import type { Routes } from './routes.ts';

export interface RowPostOptions {
  readonly self: Incarnation;
  readonly post: Post;
  readonly routes: Routes;
  readonly store: Pick<Store, 'inbox'>;
  readonly persistence: Persistence;
  /** Under which this node writes to the shard; undefined: it is another's. */
  epochOf(shard: ShardId): Epoch | undefined;
  /** In this order; receivers know again what they have. */
  deliver(rows: readonly InboxRow[]): void;
}

const PAGE = 1_000;

/**
 * Messages between executions, whose rows are durable: what is lost on the way is found in the inbox. Those of one
 * sender arrive in the order in which it sent them, over changes of owners too.
 */
export class RowPost {
  readonly #options: RowPostOptions;
  readonly #outgoing = new OutgoingLinks();
  readonly #incoming = new IncomingLinks<InboxRow>();
  /** Links that wait for a reading of a shard's inbox that has not begun. */
  readonly #wanted = new Map<ShardId, LinkName[]>();
  readonly #reading = new Set<ShardId>();

  constructor(options: RowPostOptions) {
    this.#options = options;
  }

  /** Tells the owners of receivers. Where there is none, whoever takes the shard over reads the rows. */
  send(rows: readonly InboxRow[], from: ShardId): void {
    const { routes, post, self, epochOf } = this.#options;
    const fromEpoch = epochOf(from);
    // Rows of a shard that is another's by now are found by the net.
    if (fromEpoch === undefined) return;
    for (const row of rows) {
      const own = epochOf(row.shard);
      const route = own === undefined ? routes.at(row.shard) : { owner: self, epoch: own };
      if (!route?.owner) continue;
      const name = { from, fromEpoch, to: row.shard, toEpoch: route.epoch };
      const number = this.#outgoing.next(name);
      if (own === undefined) post.send(route.owner, this.#itemOf(name, number, row));
      else this.#arrive(name, number, row);
    }
  }

  /** Asks the owner of the shard to read its inbox, as a row without its message does. */
  ring(shard: ShardId): void {
    const { routes, post, epochOf } = this.#options;
    if (epochOf(shard) !== undefined) return this.#wantInbox(shard, null);
    const route = routes.at(shard);
    if (route?.owner) post.send(route.owner, [KIND.row, 0, 0, shard, route.epoch, 0, 0, 0, 0, 0, null]);
  }

  /** A frame brought a row, or names one that is too large for it. */
  received(from: Incarnation, item: Item): void {
    const [, fromShard, fromEpoch, to, toEpoch, number, receiver, accepted, sender, count, message] = item;
    const shard = to as ShardId;
    const own = this.#options.epochOf(shard);
    if (own === undefined) return;
    if (own !== toEpoch) {
      // It was sent to an earlier stay: the row is there, and the sender is told.
      this.#options.post.send(from, [KIND.owned, shard, own]);
      return this.#wantInbox(shard, null);
    }
    const name = { from: fromShard, fromEpoch, to: shard, toEpoch } as LinkName;
    const key = { shard, receiver: receiver as Eid, accepted: accepted as number, sender: sender as Eid };
    if (message instanceof Uint8Array)
      this.#arrive(name, number as number, { ...key, number: count as number, message });
    else this.#wantInbox(shard, null);
  }

  /** The shard is another node's. */
  left(shard: ShardId): void {
    this.#incoming.dropReceiver(shard);
  }

  #itemOf({ from, fromEpoch, to, toEpoch }: LinkName, number: number, row: InboxRow): Item {
    const { receiver, accepted, sender, message } = row;
    const head = [from, fromEpoch, to, toEpoch, number, receiver, accepted, sender, row.number] as const;
    const item: Item = [KIND.row, ...head, message];
    // A doorbell leaves a gap, so that the next one waits for the inbox.
    return this.#options.post.isSmall(item) ? item : [KIND.row, ...head, null];
  }

  #arrive(name: LinkName, number: number, row: InboxRow): void {
    const arrival = this.#incoming.arrive(name, number, row);
    if (arrival === 'deliver') this.#options.deliver([row]);
    else if (arrival === 'read') this.#wantInbox(name.to, name);
  }

  #wantInbox(shard: ShardId, link: LinkName | null): void {
    const wanted = this.#wanted.get(shard) ?? [];
    if (link) wanted.push(link);
    this.#wanted.set(shard, wanted);
    if (!this.#reading.has(shard)) void this.#readInbox(shard);
  }

  /** Whoever wants it while it is read wants another reading. */
  async #readInbox(shard: ShardId): Promise<void> {
    const { persistence, epochOf } = this.#options;
    this.#reading.add(shard);
    for (let links = this.#wanted.get(shard); links && !persistence.stopped; links = this.#wanted.get(shard)) {
      this.#wanted.delete(shard);
      for (const link of links) this.#incoming.beginRead(link);
      await this.#readPages(shard);
      if (epochOf(shard) === undefined) break;
      for (const link of links) {
        const { deliver, again } = this.#incoming.endRead(link);
        this.#options.deliver(deliver);
        if (again) this.#wanted.set(shard, [...(this.#wanted.get(shard) ?? []), link]);
      }
    }
    this.#reading.delete(shard);
  }

  async #readPages(shard: ShardId): Promise<void> {
    const { store, persistence, epochOf, deliver } = this.#options;
    let from: readonly ScanFrom<InboxKey>[] = [{ shard }];
    for (let limit = PAGE; from.length > 0;) {
      const places = from;
      const most = limit;
      const page = await persistence.attempt('reading the inbox', () => store.inbox(places, most));
      if (!page || epochOf(shard) === undefined) return;
      const { whole, next, isStuck } = wholeReceivers(page, places, limit);
      deliver(inSenderOrder(whole).map(({ row }) => row));
      from = next;
      limit = isStuck ? Math.min(LARGEST_PAGE, limit * 2) : PAGE;
    }
  }
}
