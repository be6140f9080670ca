import { DfnsError } from '../errors/dfns-error.ts';

/** Bytes that no `encode` has written: damaged, forged, or of a later format. */
export function damaged(reason: string, offset: number, cause?: unknown): DfnsError {
  return new DfnsError('INTERNAL', `A payload cannot be decoded: ${reason}, at byte ${offset}.`, {
    details: { offset },
    ...(cause === undefined ? {} : { cause }),
  });
}
