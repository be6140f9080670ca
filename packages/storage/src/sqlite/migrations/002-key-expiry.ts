/** Expired idempotency keys are found in order of their time: new ones go to its end. */
export const KEY_EXPIRY = 'CREATE INDEX idempotency_expiry ON idempotency (expires_at);';
