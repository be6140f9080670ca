import { z } from 'zod';

/** Where the schema library gives one (Standard JSON Schema); absent where it does not, or there is no schema. */
const jsonSchema = z.record(z.string(), z.unknown()).optional();
const declared = z.object({ name: z.string(), input: jsonSchema, output: jsonSchema });

export const workflowDefinition = z.object({
  name: z.string(),
  version: z.int(),
  /** New executions take it. */
  latest: z.boolean(),
  input: jsonSchema,
  output: jsonSchema,
  signals: z.array(declared.omit({ output: true })),
  queries: z.array(declared),
  updates: z.array(declared),
  /** Types of the declared search attributes. */
  attributes: z.record(z.string(), z.enum(['keyword', 'number', 'boolean', 'date'])).optional(),
  timeoutMs: z.number().optional(),
  runTimeoutMs: z.number().optional(),
});
export type WorkflowDefinition = z.infer<typeof workflowDefinition>;

export const definitionsReply = z.object({ workflows: z.array(workflowDefinition) });
export type DefinitionsReply = z.infer<typeof definitionsReply>;

/** The node that answers, and what it stands on. */
export const infoReply = z.object({
  node: z.string(),
  /** Fingerprint of the user code. */
  build: z.string(),
  /** Kind of the store. */
  store: z.string(),
  shards: z.int(),
  /** By the node's clock: milliseconds since the epoch. */
  now: z.number(),
});
export type InfoReply = z.infer<typeof infoReply>;
