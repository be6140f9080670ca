import type { MessageId } from './ids.ts';

/** No other id of a message begins like this: those are UUIDs. */
const PREFIX = 'key:';

/**
 * The id of a message whose caller gave a key: one `key` is one message, whatever the `body`, and the body is known
 * again by its hash. Both are hashes, without colons.
 */
export function keyedMessageId(key: string, body: string): MessageId {
  return `${PREFIX}${key}:${body}` as MessageId;
}

export function isKeyed(id: MessageId): boolean {
  return id.startsWith(PREFIX);
}

/** What makes two messages one: of a keyed id its key, else the id. */
export function sameMessage(id: MessageId): MessageId {
  return isKeyed(id) ? (id.slice(0, id.lastIndexOf(':')) as MessageId) : id;
}
