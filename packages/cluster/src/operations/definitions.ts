import type { AnyTask, Schema } from '@dfnsjs/actor-core';
import type { Operations, TaskDefinition, WorkflowDefinition } from '@dfnsjs/client';
import { declaredSchema } from '@dfnsjs/client/schemas';
import type { OperationContext } from './context.ts';

export function definitionOperations({
  workflows,
  tasks,
  store,
  node,
  build,
  version,
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
      return { workflows: all, tasks: tasks.map(taskOf) };
    },

    async info() {
      return {
        node: node(),
        build,
        store: store.kind,
        shards,
        now: now(),
        ...(version === undefined ? {} : { version }),
      };
    },
  };
}

interface Declared {
  readonly name: string;
  readonly inputSchema: Schema | undefined;
  readonly outputSchema: Schema | undefined;
}

function called({ name, inputSchema, outputSchema }: Declared) {
  return { name, ...schemaOf('input', inputSchema), ...schemaOf('output', outputSchema) };
}

function taskOf(task: AnyTask): TaskDefinition {
  const errors = [...task.errors].map(([code, schema]) => [code, declaredSchema(schema, 'output') ?? {}] as const);
  return { ...called(task), errors: Object.fromEntries(errors), thread: task.thread };
}

/** Absent where it is not known. */
function schemaOf<Side extends 'input' | 'output'>(
  side: Side,
  schema: Schema | undefined,
): { readonly [S in Side]?: Record<string, unknown> } {
  const declared = declaredSchema(schema, side);
  return declared ? ({ [side]: declared } as { readonly [S in Side]?: Record<string, unknown> }) : {};
}
