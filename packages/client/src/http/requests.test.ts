import test from 'ava';
import { encode } from '@dfnsjs/actor-core/values';
import type { Operations } from '../operations/operations.ts';
import { BINDINGS, type Binding, type OperationName } from './bindings.ts';
import { fromTagged, toJson } from './json.ts';
import type { QueryText } from './query-text.ts';
import { readRequest } from './read-request.ts';
import { writeRequest, type OperationRequest } from './requests.ts';

type Requests = { readonly [Name in OperationName]: readonly Parameters<Operations[Name]>[0][] };

const address = { namespace: 'ns', id: '../a b/🦊%' };
const value = encode({ map: new Map([[1, new Date(2)]]) });
const REQUESTS: Requests = {
  start: [
    { namespace: 'ns', workflow: 'w', input: value, onConflict: 'fail', reuse: 'always' },
    {
      namespace: 'ns',
      id: '..',
      workflow: 'w',
      version: 2,
      input: encode(undefined),
      onConflict: 'use-existing',
      reuse: 'never',
      attributes: { due: new Date(5), tier: 'gold' },
      headers: new Map([['a', 'b']]),
    },
  ],
  definitions: [{ namespace: 'ns' }],
  info: [{ namespace: 'ns' }],
  cluster: [{ namespace: 'ns' }],
  cordonNode: [{ namespace: 'ns', id: 'host-1:3367' }],
  drainNode: [{ namespace: 'ns', id: 'host-1:3367' }],
  uncordonNode: [{ namespace: 'ns', id: '[::1]:3367/a b' }],
  events: [
    { namespace: 'ns' },
    {
      namespace: 'ns',
      id: '~',
      workflow: 'w',
      status: ['failed', 'running'],
      attributes: { tier: 'gold', due: new Date(5) },
    },
  ],
  describe: [address],
  delete: [address],
  timeline: [address, { ...address, runId: 'r1' }],
  state: [address, { ...address, runId: 'r1', atTurn: 12 }],
  list: [
    { namespace: 'ns', order: 'newest', limit: 100 },
    {
      namespace: 'ns',
      workflow: 'w',
      status: ['failed', 'timed-out'],
      held: false,
      idPrefix: 'a&b=c',
      startedAfter: 5,
      startedBefore: 1_800_000_000_123,
      q: 'id:a&b error:~"50 %"',
      attributes: { n: 5, text: '5', yes: true, no: 'false', when: new Date(7), like: '2026-01-01T00:00:00Z', q: '"' },
      order: 'oldest',
      limit: 7,
      cursor: '12',
    },
  ],
  count: [{ namespace: 'ns' }],
  result: [address],
  turn: [address, { ...address, after: { runId: 'r', turn: 3 } }],
  signal: [{ ...address, name: 'n/~', payload: value, messageId: '' }],
  query: [{ ...address, name: '~n', payload: value, atTurn: 4 }],
  update: [{ ...address, name: 'n', payload: encode(undefined), messageId: '' }],
  cancel: [
    { ...address, messageId: '' },
    { ...address, reason: 'why', messageId: '' },
  ],
  terminate: [{ ...address, reason: 'why', messageId: '' }],
  startUpdate: [{ ...address, name: 'n', payload: value, messageId: '' }],
  updateOutcome: [{ ...address, updateId: 'key:a:b' }],
  signalWithStart: [
    {
      namespace: 'ns',
      workflow: 'w',
      input: encode(undefined),
      onConflict: 'use-existing',
      reuse: 'always',
      signal: { name: 's', payload: value },
      messageId: '',
    },
  ],
  updateWithStart: (['answered', 'accepted'] as const).map(wait => ({
    namespace: 'ns',
    workflow: 'w',
    input: value,
    onConflict: 'use-existing',
    reuse: 'always',
    update: { name: 'u', input: encode(undefined) },
    messageId: '',
    wait,
  })),
  setAttributes: [{ ...address, attributes: { due: new Date(5), gone: null }, messageId: '' }],
  retryTaskNow: [{ ...address, command: 12, messageId: '' }],
  completeTask: [{ ...address, command: 12, result: value, messageId: '' }],
  failTask: [{ ...address, command: 12, error: { message: 'no', details: new Map([[1, 2]]) }, messageId: '' }],
  exportHistory: [address, { ...address, runId: 'r' }],
  retry: [address, { ...address, from: 'start' }],
  history: [
    { ...address, limit: 100 },
    { ...address, runId: 'r', limit: 5, cursor: '5' },
  ],
};

for (const name of Object.keys(BINDINGS) as OperationName[]) {
  test(`${name}: what the client writes is what the server reads`, t => {
    const binding: Binding = BINDINGS[name];
    for (const request of REQUESTS[name]) {
      const { path, query, body, hasBody } = writeRequest(binding, request);
      const read = readRequest(name, {
        namespace: 'ns',
        params: paramsOf(binding, path),
        query: queryOf(query),
        body: hasBody ? fromTagged(JSON.parse(toJson(body, 'tagged'))) : undefined,
      });
      t.deepEqual({ ...('messageId' in request ? { messageId: '' } : {}), ...read }, {
        ...request,
      } as OperationRequest);
    }
  });
}

/** As a server's router does. */
function paramsOf(binding: Binding, path: string): Record<string, string> {
  const segments = new URL(path, 'http://x').pathname.split('/');
  return Object.fromEntries(
    binding.path
      .split('/')
      .map((part, at) => [part.slice(1), decodeURIComponent(segments[at] ?? ''), part] as const)
      .filter(([, , part]) => part.startsWith(':')),
  );
}

function queryOf(query: URLSearchParams): QueryText {
  return Object.fromEntries(new URLSearchParams(query.toString()));
}
