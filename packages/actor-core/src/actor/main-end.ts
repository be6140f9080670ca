import { parseSyncWith, type Schema } from '../definition/schema.ts';
import { encode } from '../payload/encode.ts';
import type { Payload } from '../payload/payload.ts';

/** How a workflow function ended. */
export type MainEnd = { readonly ok: true; readonly output: Payload } | { readonly ok: false; readonly value: unknown };

/** The result as it was returned: what other branches still do to it in the drain is not part of it. */
export function returned(workflow: string, schema: Schema | undefined, value: unknown): MainEnd {
  const what = `The result of workflow "${workflow}"`;
  try {
    return { ok: true, output: encode(parseSyncWith(schema, value, what), what) };
  } catch (error) {
    return { ok: false, value: error };
  }
}
