import type { Schema } from '@dfnsjs/actor-core';
import type { Operations, WorkflowDefinition } from '@dfnsjs/client';
import type { OperationContext } from './context.ts';

export function definitionOperations({
  workflows,
  store,
  node,
  build,
  shards,
  now,
}: OperationContext): Pick<Operations, 'definitions' | 'info'> {
  return {
    async definitions() {
      const all: WorkflowDefinition[] = [];
      for (const workflow of workflows) {
        const { name, version, inputSchema, outputSchema, attributes, timeoutMs, runTimeoutMs } = workflow;
        all.push({
          name,
          version,
          latest: workflows.latest(name)?.version === version,
          ...schemaOf('input', inputSchema),
          ...schemaOf('output', outputSchema),
          signals: [...workflow.signals.values()].map(each => ({
            name: each.name,
            ...schemaOf('input', each.inputSchema),
          })),
          queries: [...workflow.queries.values()].map(called),
          updates: [...workflow.updates.values()].map(called),
          ...(attributes ? { attributes: Object.fromEntries(attributes) } : {}),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
          ...(runTimeoutMs === undefined ? {} : { runTimeoutMs }),
        });
      }
      return { workflows: all };
    },

    async info() {
      return { node, build, store: store.kind, shards, now: now() };
    },
  };
}

function called({
  name,
  inputSchema,
  outputSchema,
}: {
  readonly name: string;
  readonly inputSchema: Schema | undefined;
  readonly outputSchema: Schema | undefined;
}) {
  return { name, ...schemaOf('input', inputSchema), ...schemaOf('output', outputSchema) };
}

type JsonSchema = Record<string, unknown>;

/** Of the draft that OpenAPI 3.1 speaks. */
const TARGET = { target: 'draft-2020-12' };

/** By Standard JSON Schema, which is an extension: a library may not have it, and a type may have no such schema. */
function schemaOf<Side extends 'input' | 'output'>(
  side: Side,
  schema: Schema | undefined,
): { readonly [S in Side]?: JsonSchema } {
  const standard = schema?.['~standard'] as
    { readonly jsonSchema?: { readonly [S in Side]?: (options: typeof TARGET) => JsonSchema } } | undefined;
  try {
    const converted = standard?.jsonSchema?.[side]?.(TARGET);
    return converted ? ({ [side]: converted } as { readonly [S in Side]?: JsonSchema }) : {};
  } catch {
    // A date, a bigint, a transformation: what is absent is not known, which callers must expect anyway.
    return {};
  }
}
