import type { Change } from '@dfnsjs/actor-core/ports';
import { decode, encode, type Incarnation, type Payload } from '@dfnsjs/actor-core/records';
import type { ChangePage } from '../events/change-page.ts';
import type { EventFeed, FeedLink } from '../events/event-feed.ts';
import type { Item } from '../transport/frame.ts';
import { KIND } from './items.ts';
import type { Post } from './post.ts';

/** A page is far smaller; one change has 64 attributes of 2 KiB at most. */
const LIMIT_BYTES = 16 * 1024 * 1024;

/** What nodes say to each other of what changes. */
export class FeedPost implements FeedLink {
  readonly #post: Pick<Post, 'send'>;
  readonly #feed: EventFeed;

  constructor(post: Pick<Post, 'send'>, feed: EventFeed) {
    this.#post = post;
    this.#feed = feed;
  }

  listen(to: Incarnation, place: number | null): void {
    this.#post.send(to, [KIND.listen, place]);
  }

  tell(to: Incarnation, { feed, from, end, changes }: ChangePage): void {
    this.#post.send(to, [KIND.told, feed, from, end, changes && encodeChanges(changes)]);
  }

  received(from: Incarnation, item: Item): void {
    if (item[0] === KIND.listen) return this.#feed.asked(from, item[1] as number | null);
    const [, feed, place, end, changes] = item;
    this.#feed.told(from, {
      feed: feed as string,
      from: place as number | null,
      end: end as number,
      changes: changes === null ? null : decodeChanges(changes as Payload),
    });
  }
}

/** Positions are fixed: new fields go to the end. */
function encodeChanges(changes: readonly (Change | null)[]): Payload {
  return encode(
    changes.map(change => change && fieldsOf(change)),
    'changes',
    LIMIT_BYTES,
  );
}

function fieldsOf({ kind, first, namespace, id, runId, workflow, version, startedAt, ...more }: Change) {
  const { attributes, status, held, turn, at } = more;
  return [kind, first, namespace, id, runId, workflow, version, startedAt, attributes, status, held, turn, at] as const;
}

function decodeChanges(bytes: Payload): (Change | null)[] {
  return (decode(bytes) as (ReturnType<typeof fieldsOf> | null)[]).map(fields => {
    if (!fields) return null;
    const [kind, first, namespace, id, runId, workflow, version, startedAt, ...more] = fields;
    const [attributes, status, held, turn, at] = more;
    return { kind, first, namespace, id, runId, workflow, version, startedAt, attributes, status, held, turn, at };
  });
}
