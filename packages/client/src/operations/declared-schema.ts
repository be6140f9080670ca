import type { Schema } from '@dfnsjs/actor-core';
import { z } from 'zod';

type Side = 'input' | 'output';

/** Of the draft that OpenAPI 3.1 speaks. */
const TARGET = 'draft-2020-12';

interface Tells {
  readonly jsonSchema?: { readonly [S in Side]?: (options: { readonly target: string }) => Record<string, unknown> };
}

/**
 * The JSON Schema of what a schema takes or gives. By Standard JSON Schema, where the library has it, or by zod for
 * earlier schemas of its own; undefined where neither can tell, and where the type has none: a date, a bigint.
 */
export function declaredSchema(schema: Schema | undefined, side: Side): Record<string, unknown> | undefined {
  if (!schema) return undefined;
  const standard = schema['~standard'];
  try {
    const converted =
      'jsonSchema' in standard
        ? (standard as Tells).jsonSchema?.[side]?.({ target: TARGET })
        : standard.vendor === 'zod' && '_zod' in schema
          ? z.toJSONSchema(schema as unknown as z.ZodType, { io: side, target: TARGET })
          : undefined;
    // Of JSON alone: zod marks its own with what JSON cannot hold.
    return converted && (JSON.parse(JSON.stringify(converted)) as Record<string, unknown>);
  } catch {
    // What is absent is not known, which callers must expect anyway.
    return undefined;
  }
}
