import test from 'ava';
import { encode } from '@dfnsjs/actor-core/records';
import type { StartRequest } from '@dfnsjs/client';
import { hashOfStart } from './idempotency.ts';

const request: StartRequest = {
  namespace: 'default',
  workflow: 'order',
  input: encode({ n: 1 }),
  onConflict: 'fail',
  reuse: 'always',
  attributes: { a: 1, b: new Date(0) },
  headers: new Map([['h', '1']]),
  idempotencyKey: 'k',
};

test('the same request has the same hash, whatever the order of its fields and its key', t => {
  const same = { ...request, attributes: { b: new Date(0), a: 1 }, idempotencyKey: 'other' };
  t.is(hashOfStart(same), hashOfStart(request));
});

const CHANGES: Partial<StartRequest> = {
  id: 'a',
  workflow: 'other',
  version: 2,
  input: encode({ n: 2 }),
  onConflict: 'use-existing',
  reuse: 'never',
  attributes: { a: 2 },
  headers: new Map(),
};

for (const name of Object.keys(CHANGES)) {
  test(`another ${name} has another hash`, t => {
    t.not(
      hashOfStart({ ...request, ...Object.fromEntries(Object.entries(CHANGES).filter(([key]) => key === name)) }),
      hashOfStart(request),
    );
  });
}
