import { z } from 'zod';
import { executionId } from './address.ts';
import { instant } from './payload.ts';

/** What a node tells is the same in each namespace; who asks may do so in theirs. */
export const nodeRequest = z.object({ namespace: executionId });
export type NodeRequest = z.infer<typeof nodeRequest>;

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

export const taskDefinition = declared.extend({
  /** Data of its typed failures, by code. */
  errors: z.record(z.string(), z.record(z.string(), z.unknown())),
  /** It runs in a worker thread. */
  thread: z.boolean(),
});
export type TaskDefinition = z.infer<typeof taskDefinition>;

/** Tasks are those that the node was given; a workflow may run others. */
export const definitionsReply = z.object({
  workflows: z.array(workflowDefinition),
  tasks: z.array(taskDefinition),
});
export type DefinitionsReply = z.infer<typeof definitionsReply>;

/** The node that answers, and what it stands on. */
export const infoReply = z.object({
  node: z.string(),
  /** Fingerprint of the user code. */
  build: z.string(),
  /** Kind of the store. */
  store: z.string(),
  shards: z.int(),
  /** By the node's clock. */
  now: instant,
  /** Of dfns. Absent in the node of a test. */
  version: z.string().optional(),
  /** Whoever reaches the node may do all. Only over HTTP. */
  insecure: z.boolean().optional(),
});
export type InfoReply = z.infer<typeof infoReply>;
