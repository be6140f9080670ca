import { DfnsError } from '@dfnsjs/actor-core';
import type { Log } from '@dfnsjs/actor-core/ports';
import { MAY_RETRY, statusOf, TELLS_CAUSE, toJson, type ErrorBody, type Types } from '@dfnsjs/client/http';
import type { FastifyError } from 'fastify';
import { bodyTooLarge } from './body/read-body.ts';

const RETRY_AFTER_MS = 1_000;

export interface ErrorReply {
  readonly status: number;
  readonly body: string;
  /** Seconds. */
  readonly retryAfter: number | undefined;
}

/** What a caller is told of an error. What is no DfnsError is a fault of ours: the log has it, the caller its id. */
export function errorReply(thrown: unknown, requestId: string, types: Types, log: Log): ErrorReply {
  const error = asDfnsError(thrown);
  const status = error ? statusOf(error.code) : 500;
  if (!error || error.code === 'INTERNAL') {
    log.write('error', 'a request failed', { requestId, error: thrown instanceof Error ? thrown : String(thrown) });
  }
  const told = error ?? new DfnsError('INTERNAL', `dfns failed; its log has the reason under request id ${requestId}.`);
  const { code, message, details, cause } = told;
  const body: ErrorBody = {
    error: {
      code,
      message,
      requestId,
      ...(details === undefined || code === 'INTERNAL' ? {} : { details }),
      // The user's own error, with its stack: for our client, which throws it again.
      ...(types === 'tagged' && TELLS_CAUSE.has(code) && cause !== undefined ? { cause } : {}),
    },
  };
  const afterMs = details?.['retryAfterMs'];
  const retryAfter = MAY_RETRY.has(code)
    ? Math.ceil((typeof afterMs === 'number' ? afterMs : RETRY_AFTER_MS) / 1_000)
    : undefined;
  return { status, body: toJson(body, types), retryAfter };
}

export function notJson(): DfnsError {
  return new DfnsError('VALIDATION', 'A body must be JSON: send "Content-Type: application/json".');
}

/** Errors of fastify speak of the request; undefined for what speaks of us. */
function asDfnsError(thrown: unknown): DfnsError | undefined {
  if (thrown instanceof DfnsError) return thrown;
  const { code, statusCode } = (thrown ?? {}) as Partial<FastifyError>;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return bodyTooLarge();
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return notJson();
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new DfnsError('VALIDATION', 'The body is not as long as its Content-Length says.');
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new DfnsError('VALIDATION', 'The path is not well-formed: percent-encode ids, or send ~ and base64url.');
    default:
      return statusCode !== undefined && statusCode >= 400 && statusCode < 500
        ? new DfnsError('VALIDATION', 'The request is not well-formed HTTP.')
        : undefined;
  }
}
