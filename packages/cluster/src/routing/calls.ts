import { decode, encode, type Payload } from '@dfnsjs/actor-core/records';
import type { Peer } from './peer.ts';

/** A call that one node makes at another. */
export type CallName = keyof Peer;

interface CallKind {
  /** Fixed for ever. */
  readonly code: number;
  /** Where its AbortSignal stands, which does not travel. */
  readonly abortAt?: number;
  /** Made again it has the effect of one. Others are made again only where they surely had none. */
  readonly repeats: boolean;
  /** Made again it has the effect of one also when the first try is forgotten, and others acted since. */
  readonly repeatsLate: boolean;
  /** It changes nothing: where its answer was lost it is asked anew. */
  readonly reads: boolean;
  /** What it gives is durable: whoever owns the shard afterwards would give the same. */
  readonly durable: boolean;
}

export const CALLS: Readonly<Record<CallName, CallKind>> = {
  start: { code: 1, repeats: true, repeatsLate: true, reads: false, durable: true },
  signal: { code: 2, repeats: true, repeatsLate: false, reads: false, durable: true },
  update: { code: 3, repeats: true, repeatsLate: false, reads: false, durable: true },
  startUpdate: { code: 4, repeats: true, repeatsLate: false, reads: false, durable: true },
  updateOutcome: { code: 5, abortAt: 3, repeats: true, repeatsLate: true, reads: true, durable: true },
  signalWithStart: { code: 6, repeats: true, repeatsLate: true, reads: false, durable: true },
  updateWithStart: { code: 7, repeats: true, repeatsLate: true, reads: false, durable: true },
  query: { code: 8, repeats: true, repeatsLate: true, reads: true, durable: false },
  cancel: { code: 9, repeats: true, repeatsLate: false, reads: false, durable: true },
  terminate: { code: 10, repeats: true, repeatsLate: false, reads: false, durable: true },
  retry: { code: 11, repeats: false, repeatsLate: false, reads: false, durable: true },
  remove: { code: 12, repeats: false, repeatsLate: false, reads: false, durable: true },
  amend: { code: 13, repeats: true, repeatsLate: false, reads: false, durable: true },
  overrideTask: { code: 14, repeats: true, repeatsLate: false, reads: false, durable: true },
  result: { code: 15, abortAt: 2, repeats: true, repeatsLate: true, reads: true, durable: true },
  turn: { code: 16, abortAt: 3, repeats: true, repeatsLate: true, reads: true, durable: false },
  glimpseCommitted: { code: 17, repeats: true, repeatsLate: true, reads: true, durable: false },
  workflowOf: { code: 18, repeats: true, repeatsLate: true, reads: true, durable: false },
};

const NAMES = new Map(Object.entries(CALLS).map(([name, { code }]) => [code, name as CallName]));

export function callOf(code: unknown): CallName | undefined {
  return typeof code === 'number' ? NAMES.get(code) : undefined;
}

/** Arguments and answers of one call: a payload with what else comes with it. */
const LIMIT_BYTES = 64 * 1024 * 1024;

export function encodeArguments(name: CallName, args: readonly unknown[]): Payload {
  const { abortAt } = CALLS[name];
  return encode(
    args.map((arg, at) => (at === abortAt ? undefined : arg)),
    'arguments of a call',
    LIMIT_BYTES,
  );
}

export function decodeArguments(name: CallName, bytes: Uint8Array, abort: AbortSignal | undefined): unknown[] {
  const args = [...(decode(bytes as Payload) as unknown[])];
  const { abortAt } = CALLS[name];
  if (abortAt !== undefined) args[abortAt] = abort;
  return args;
}

export function encodeAnswer(value: unknown): Payload {
  return encode(value, 'answer of a call', LIMIT_BYTES);
}

export function decodeAnswer(bytes: Uint8Array): unknown {
  return decode(bytes as Payload);
}
