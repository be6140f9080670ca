import { z } from 'zod';
import { instant, payload, recordedError } from '../operations/payload.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Reference to the schema of an error that an execution failed with. */
export const ERROR_REF = '#/components/schemas/ExecutionError';

/** JSON Schema (2020-12, as OpenAPI 3.1 uses it) of what plain JSON shows of a schema's values. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => override(zodSchema as unknown as z.ZodType, jsonSchema),
  });
  return rest;
}

function override(schema: z.ZodType, json: Record<string, unknown>): void {
  if (schema === payload) json['description'] = 'Any JSON value.';
  else if (schema === recordedError) json['$ref'] = ERROR_REF;
  else if (schema === instant) {
    delete json['minimum'];
    delete json['maximum'];
    Object.assign(json, { type: 'string', format: 'date-time' });
  } else if (schema.type === 'date') Object.assign(json, { type: 'string', format: 'date-time' });
  else if (schema.type === 'map') Object.assign(json, { type: 'object', additionalProperties: { type: 'string' } });
  // Fields may be added to answers; requests say so themselves.
  if (json['additionalProperties'] === false) delete json['additionalProperties'];
}
