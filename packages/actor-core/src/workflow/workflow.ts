import type { WorkflowContext } from '../context/workflow-context.ts';
import type { AttributeTypes } from '../definition/attribute-types.ts';
import { callSite } from '../definition/call-site.ts';
import { isBody } from '../definition/definition-name.ts';
import type { Awaitable, ResultOf, Returns } from '../definition/inference.ts';
import type { AnyQuery } from '../definition/query.ts';
import type { AnySignal } from '../definition/signal.ts';
import type { NoFailures } from '../definition/typed-failure.ts';
import type { AnyUpdate } from '../definition/update.ts';
import {
  type AnyWorkflowReference,
  type WorkflowOptions,
  type WorkflowReference,
  parseWorkflow,
} from '../definition/workflow-reference.ts';
import { validation } from '../errors/dfns-error.ts';
import { kindOf } from '../options/known-options.ts';

/** A workflow with its function, whatever its types: what the engine works with. */
export interface AnyWorkflow extends AnyWorkflowReference {
  /** Where it was defined, if known: for messages. */
  readonly source: string | undefined;
  run(ctx: WorkflowContext, input: unknown): unknown;
}

/** A workflow: `Input` is what starting it takes, `Output` what it resolves to. */
export interface WorkflowDefinition<
  in Input,
  out Output,
  out Failures = NoFailures,
  out Signals extends AnySignal = AnySignal,
  out Queries extends AnyQuery = AnyQuery,
  out Updates extends AnyUpdate = AnyUpdate,
  out Attributes extends AttributeTypes = AttributeTypes,
> extends WorkflowReference<Input, Output, Failures, Signals, Queries, Updates, Attributes> {
  readonly source: string | undefined;
  run(ctx: WorkflowContext, input: unknown): unknown;
}

/**
 * A workflow without its function: for clients and other processes, and for workflows that speak of themselves. Where
 * it declares no input or output, the function's own are taken.
 */
export interface WorkflowDeclaration<
  Input,
  Parsed,
  Result,
  Output,
  Failures,
  FailureInputs,
  Signals extends AnySignal,
  Queries extends AnyQuery,
  Updates extends AnyUpdate,
  Attributes extends AttributeTypes,
> extends WorkflowReference<Input, Output, Failures, Signals, Queries, Updates, Attributes> {
  implement<BodyInput = void, Body extends Returns<Result> = Returns<Result>>(
    run: Body &
      ((
        ctx: WorkflowContext<Known<Input, BodyInput>, FailureInputs, Attributes>,
        input: Known<Parsed, BodyInput>,
      ) => Awaitable<unknown>),
  ): WorkflowDefinition<
    Known<Input, BodyInput>,
    Known<Output, ResultOf<Body>>,
    Failures,
    Signals,
    Queries,
    Updates,
    Attributes
  >;
}

type Known<Type, Otherwise> = unknown extends Type ? Otherwise : Type;

/**
 * Defines a workflow: a deterministic function that survives crashes and deploys.
 *
 * ```ts
 * const order = workflow({ name: 'order', input: Order, signals: [approval] }, async (ctx, input) => {
 *   const charged = await ctx.run(charge, input.card);
 *   await ctx.waitForSignal(approval, { timeout: '7d' });
 *   return charged.id;
 * });
 * ```
 *
 * Without the function: `workflow({ … })`, and `.implement(fn)` where it runs.
 */
export function workflow<
  Parsed = void,
  Result = unknown,
  Input = Parsed,
  Body extends Returns<Result> = Returns<Result>,
  Output = ResultOf<Body>,
  Failures = NoFailures,
  FailureInputs = NoFailures,
  Signals extends AnySignal = AnySignal,
  Queries extends AnyQuery = AnyQuery,
  Updates extends AnyUpdate = AnyUpdate,
  Attributes extends AttributeTypes = AttributeTypes,
>(
  options: WorkflowOptions<
    Input,
    Parsed,
    Result,
    Output,
    Failures,
    FailureInputs,
    Signals,
    Queries,
    Updates,
    Attributes
  >,
  run: Body & ((ctx: WorkflowContext<Input, FailureInputs, Attributes>, input: Parsed) => Awaitable<unknown>),
): WorkflowDefinition<Input, Output, Failures, Signals, Queries, Updates, Attributes>;
export function workflow<
  Parsed = unknown,
  Result = unknown,
  Input = Parsed,
  Output = Result,
  Failures = NoFailures,
  FailureInputs = NoFailures,
  Signals extends AnySignal = AnySignal,
  Queries extends AnyQuery = AnyQuery,
  Updates extends AnyUpdate = AnyUpdate,
  Attributes extends AttributeTypes = AttributeTypes,
>(
  options: WorkflowOptions<
    Input,
    Parsed,
    Result,
    Output,
    Failures,
    FailureInputs,
    Signals,
    Queries,
    Updates,
    Attributes
  >,
): WorkflowDeclaration<Input, Parsed, Result, Output, Failures, FailureInputs, Signals, Queries, Updates, Attributes>;
export function workflow(options: unknown, ...body: readonly unknown[]): AnyWorkflow | Declaration {
  const reference = parseWorkflow(options);
  // By count, so that a function that is undefined by mistake is told and does not make a declaration.
  if (body.length > 0) return define(reference, body[0], callSite(workflow));
  const declaration: Declaration = {
    ...reference,
    implement: run => define(reference, run, callSite(declaration.implement)),
  };
  return Object.freeze(declaration);
}

interface Declaration extends AnyWorkflowReference {
  implement(run: unknown): AnyWorkflow;
}

function define(reference: AnyWorkflowReference, run: unknown, source: string | undefined): AnyWorkflow {
  if (!isBody(run)) {
    throw validation(`workflow ${JSON.stringify(reference.name)} needs a function, got ${kindOf(run)}.`);
  }
  return Object.freeze({ ...reference, source, run });
}
