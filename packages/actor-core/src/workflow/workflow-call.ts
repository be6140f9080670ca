import type { WorkflowContext } from '../context/workflow-context.ts';
import type { Around } from '../definition/middleware.ts';
import type { AnyWorkflow } from './workflow.ts';

/**
 * A run of a workflow function. Middleware around it is workflow code: it runs again in replay, so it asks `ctx` for the
 * time, for chance and for effects, and must ask for the same ones again.
 */
export interface WorkflowCall {
  readonly workflow: string;
  readonly version: number;
  readonly input: unknown;
  readonly ctx: WorkflowContext;
}

/** The workflow with middleware around its function. */
export function surrounded(workflow: AnyWorkflow, around: Around<WorkflowCall>): AnyWorkflow {
  const { name, version } = workflow;
  return Object.freeze({
    ...workflow,
    run: (ctx: WorkflowContext, input: unknown) =>
      around({ workflow: name, version, input, ctx }, call => workflow.run(call.ctx, call.input)),
  });
}
