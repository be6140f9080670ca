import { ADVICE, DfnsError, TimeoutError, type ErrorCode } from '@dfnsjs/actor-core';

/** What a code is over HTTP. It speaks of the request, never of the execution. */
const STATUS: { readonly [Code in ErrorCode]?: number } = {
  VALIDATION: 400,
  LIMIT_EXCEEDED: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  UNKNOWN_WORKFLOW: 404,
  UNKNOWN_TASK: 404,
  ALREADY_RUNNING: 409,
  ALREADY_EXISTS: 409,
  CLOSED: 409,
  NOT_RETRYABLE: 409,
  PAYLOAD_TOO_LARGE: 413,
  UPDATE_REJECTED: 422,
  UPDATE_FAILED: 422,
  RATE_LIMITED: 429,
  OVERLOADED: 503,
  UNAVAILABLE: 503,
  TIMEOUT: 504,
};

export function statusOf(code: ErrorCode): number {
  return STATUS[code] ?? 500;
}

/** Codes whose cause is the user's own error, and goes along. */
export const TELLS_CAUSE: ReadonlySet<ErrorCode> = new Set(['UPDATE_FAILED', 'UPDATE_REJECTED']);

/** Codes after which the same request may succeed. */
export const MAY_RETRY: ReadonlySet<ErrorCode> = new Set(['OVERLOADED', 'UNAVAILABLE', 'RATE_LIMITED']);

export interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly requestId?: string | undefined;
    readonly details?: Readonly<Record<string, unknown>> | undefined;
    readonly cause?: unknown;
  };
}

/** The error of an answer; undefined where its body is none of ours. */
export function readErrorBody(body: unknown): DfnsError | undefined {
  const error = isObject(body) ? body['error'] : undefined;
  if (!isObject(error)) return undefined;
  const { code, message, details, cause } = error;
  if (typeof code !== 'string' || !Object.hasOwn(ADVICE, code) || typeof message !== 'string') return undefined;
  const options = {
    ...(isObject(details) ? { details } : {}),
    ...(cause === undefined ? {} : { cause }),
  };
  return code === 'TIMEOUT' ? new TimeoutError(message, options) : new DfnsError(code as ErrorCode, message, options);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
