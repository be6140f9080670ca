import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import type { Item } from '../transport/frame.ts';
import type { Attempts } from './attempts.ts';
import type { Consultations } from './consultations.ts';
import type { FeedPost } from './feed-post.ts';
import type { Inbound } from './inbound.ts';
import { KIND } from './items.ts';
import type { Reach } from './reach.ts';
import type { Requests } from './requests.ts';
import type { RowPost } from './row-post.ts';

/** Whom items of other nodes are for. */
export interface Addressees {
  readonly inbound: Pick<Inbound, 'request' | 'probe' | 'cancel'>;
  readonly requests: Pick<Requests, 'heard'>;
  readonly rows: Pick<RowPost, 'received'>;
  readonly reach: Pick<Reach, 'received'>;
  readonly consultations: Pick<Consultations, 'question' | 'answered'>;
  readonly feedPost: Pick<FeedPost, 'received'>;
  readonly attempts: Pick<Attempts, 'received'>;
  /** Somebody has the shard, or (null) gave it up. */
  owned(shard: ShardId, by: Incarnation | null, epoch: Epoch): void;
  /** What somebody gave up is free. */
  freed(): void;
}

/** Gives an item to whom it is for; throws where it is none of these. */
export function arrive(to: Addressees, from: Incarnation, item: Item): void {
  switch (item[0]) {
    case KIND.request:
      return to.inbound.request(from, item);
    case KIND.reply:
      return to.requests.heard(from, item);
    case KIND.probe:
      return to.inbound.probe(from, item);
    case KIND.cancel:
      return to.inbound.cancel(from, item);
    case KIND.row:
      return to.rows.received(from, item);
    case KIND.owned:
      for (let i = 1; i < item.length; i += 2) to.owned(item[i] as ShardId, from, item[i + 1] as Epoch);
      return;
    case KIND.free:
      for (let i = 1; i < item.length; i += 2) to.owned(item[i] as ShardId, null, item[i + 1] as Epoch);
      return to.freed();
    case KIND.hello:
      return to.reach.received(from, item);
    case KIND.question:
      return to.consultations.question(from, item);
    case KIND.answer:
      return to.consultations.answered(from, item);
    case KIND.listen:
    case KIND.told:
      return to.feedPost.received(from, item);
    default:
      return to.attempts.received(from, item);
  }
}
