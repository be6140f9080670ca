import { isUtf8, type Buffer } from 'node:buffer';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { DfnsError } from '@dfnsjs/actor-core';
import { fromTagged, type Types } from '@dfnsjs/client/http';
import { hasOwnProto, isTooDeep } from './scan.ts';

/** Bytes of a body, compressed or not. */
export const BODY_BYTES = 4 * 1024 * 1024;
const DEPTH = 100;
/** A Map is three levels of tagged JSON; what a value may nest is checked when it is encoded. */
const TAGGED_DEPTH = 3 * DEPTH + 10;

type Done = (error: Error | null, body?: Buffer) => void;
type Inflate = (data: Buffer, options: { readonly maxOutputLength: number }, done: Done) => void;

const INFLATE = new Map<string, Inflate>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflate],
  ['br', brotliDecompress],
]);

/** The bytes that a body stands for. VALIDATION for an encoding that is unknown or broken, PAYLOAD_TOO_LARGE. */
export function decompress(encoding: string | undefined, body: Buffer, done: Done): void {
  const name = encoding?.trim().toLowerCase();
  if (name === undefined || name === '' || name === 'identity') return done(null, body);
  const inflateBody = INFLATE.get(name);
  if (!inflateBody) {
    return done(new DfnsError('VALIDATION', 'Content-Encoding must be gzip, deflate or br.'));
  }
  inflateBody(body, { maxOutputLength: BODY_BYTES }, (error, bytes) => {
    if (!error) done(null, bytes);
    else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') done(bodyTooLarge());
    else done(new DfnsError('VALIDATION', `The body is not ${name}, as its Content-Encoding says.`));
  });
}

/** The value of a body; undefined for an empty one. VALIDATION for what is no JSON, nests too deep or is poisoned. */
export function readBody(body: Buffer | undefined, types: Types): unknown {
  if (body === undefined || body.length === 0) return undefined;
  if (!isUtf8(body)) throw new DfnsError('VALIDATION', 'The body is not UTF-8.');
  const depth = types === 'tagged' ? TAGGED_DEPTH : DEPTH;
  if (isTooDeep(body, depth)) throw new DfnsError('VALIDATION', `The body nests deeper than ${depth} levels.`);
  const text = body.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DfnsError('VALIDATION', `The body is not JSON: ${placeOf(error)}. Quote strings, also single ones.`);
  }
  // Only such a text can hold the name, as it is or escaped.
  if ((text.includes('__proto__') || text.includes('\\u')) && hasOwnProto(value)) {
    throw new DfnsError('VALIDATION', 'The body has a key "__proto__". Give it another name.');
  }
  return types === 'tagged' ? fromTagged(value) : value;
}

export function bodyTooLarge(): DfnsError {
  return new DfnsError(
    'PAYLOAD_TOO_LARGE',
    `The body is larger than ${BODY_BYTES} bytes. Store the value elsewhere and pass a reference to it.`,
    { details: { limitBytes: BODY_BYTES } },
  );
}

/** What the parser says, without what it quotes of the body. */
function placeOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const place = /at position (\d+)/.exec(message)?.[1];
  return place === undefined ? 'it ends too early or holds something else' : `see position ${place}`;
}
