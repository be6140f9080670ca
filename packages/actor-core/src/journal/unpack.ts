import type { Packr } from 'msgpackr';
import { DfnsError } from '../errors/dfns-error.ts';

/** The array that `bytes` hold, of this version; INTERNAL where they are damaged or of another one. */
export function unpackVersioned(packr: Packr, bytes: Uint8Array, version: number, what: string): readonly unknown[] {
  let record: unknown;
  try {
    record = packr.unpack(bytes);
  } catch (error) {
    throw damaged(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(record)) throw damaged(`${what} is no array`);
  if (record[0] !== version) throw damaged(`${what} has version ${String(record[0])}, this build reads ${version}`);
  return record;
}

export function damaged(what: string): DfnsError {
  return new DfnsError('INTERNAL', `The journal is damaged: ${what}.`);
}
