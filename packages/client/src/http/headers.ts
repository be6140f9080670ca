/** Of requests and answers. */
export const HEADERS = {
  namespace: 'x-dfns-namespace',
  requestId: 'x-request-id',
  idempotencyKey: 'idempotency-key',
  traceparent: 'traceparent',
  lastEventId: 'last-event-id',
} as const;

/** Fields of requests that are headers. */
export const IN_HEADERS: readonly string[] = ['namespace', 'messageId', 'idempotencyKey', 'traceparent', 'lastEventId'];
