import { createHash } from 'node:crypto';
import { DfnsError } from '@dfnsjs/actor-core';
import { encode, keyedMessageId, parseId, type MessageId } from '@dfnsjs/actor-core/values';

/** Characters of a hash that tell any two apart: 132 bits. */
const HASH = 22;

/** The header `Idempotency-Key`: 1 to 512 bytes; other characters than ASCII are percent-encoded. */
export function parseIdempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header !== 'string') throw new DfnsError('VALIDATION', 'Idempotency-Key must be given once.');
  let text = header;
  try {
    text = decodeURIComponent(header);
  } catch {
    // A percent sign that encodes nothing is one.
  }
  return parseId(text, 'Idempotency-Key');
}

/**
 * The id of the message that a key stands for. The execution remembers it in its journal, so the same request is taken
 * once whatever died in between: before its turn was durable nothing was taken, after it the id is known. Of the same
 * key with another body the execution knows the key and not the body, and refuses it.
 */
export function messageIdOf(operation: string, name: string | number, key: string, body: unknown): MessageId {
  const content = body instanceof Uint8Array ? body : encode(body);
  return keyedMessageId(hash(JSON.stringify([operation, name, key])), hash(content));
}

function hash(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('base64url').slice(0, HASH);
}
