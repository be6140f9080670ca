import { deserialize, serialize } from 'node:v8';
import { DfnsError, type ErrorCode } from '@dfnsjs/actor-core';
import { OutcomeUnknownError, StoreRefusedError } from '@dfnsjs/actor-core/ports';
import type { SqliteCore } from './core.ts';

/** What a thread can be asked: the calls of the core. */
export type Method = keyof SqliteCore;

export interface Call {
  readonly number: number;
  readonly method: Method | 'close';
  readonly args: readonly unknown[];
}

export type Answer =
  { readonly number: number; readonly value: unknown } | { readonly number: number; readonly failure: Failure };

interface Failure {
  readonly kind: 'refused' | 'unknown' | 'dfns';
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly isOutage: boolean;
}

/** One buffer, moved and not copied. A view into a larger buffer takes only its own bytes with it. */
export function pack(message: Call | Answer): ArrayBuffer {
  const bytes = serialize(message);
  return bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
    ? bytes.buffer
    : Uint8Array.from(bytes).buffer;
}

export function unpack(buffer: ArrayBuffer): unknown {
  return deserialize(new Uint8Array(buffer));
}

export function packFailure(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DfnsError)
    return { kind: 'dfns', code: error.code, message, details: error.details, isOutage: false };
  const kind = error instanceof OutcomeUnknownError ? 'unknown' : 'refused';
  const isOutage = error instanceof StoreRefusedError && error.isOutage;
  return { kind, code: 'UNAVAILABLE', message, details: undefined, isOutage };
}

export function unpackFailure({ kind, code, message, details, isOutage }: Failure): Error {
  switch (kind) {
    case 'refused':
      return new StoreRefusedError(message, { isOutage });
    case 'unknown':
      return new OutcomeUnknownError(message);
    case 'dfns':
      return new DfnsError(code, message, details ? { details } : {});
  }
}
