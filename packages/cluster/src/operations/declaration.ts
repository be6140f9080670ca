import { DfnsError, type AnyWorkflowReference, type Schema } from '@dfnsjs/actor-core';
import type { StartRequest } from '@dfnsjs/actor-core/engine';
import type { ServedWorkflow } from '@dfnsjs/actor-core/ports';
import {
  decode,
  encode,
  parseWith,
  readAttributeChanges,
  type AttributeValue,
  type Payload,
} from '@dfnsjs/actor-core/records';
import { withDates } from './attribute-dates.ts';

export type MessageKind = 'signal' | 'query' | 'update';
type Changes = ReadonlyMap<string, AttributeValue | null>;

/** What a workflow declares, and so what of it a caller may send. All reject with VALIDATION. */
export interface Declaration {
  /** For an owner that lacks the workflow. */
  definition(): Promise<NonNullable<StartRequest['definition']>>;
  /** As its schema gives it. */
  input(input: Payload): Promise<Payload>;
  /** As the schema of the signal, query or update gives it; what is not declared is let through. */
  message(kind: MessageKind, name: string, payload: Payload): Promise<Payload>;
  attributes(changes: Readonly<Record<string, unknown>>, what: string): Promise<Changes>;
}

/** Of a workflow that this node has. */
export class OwnDeclaration implements Declaration {
  readonly #workflow: AnyWorkflowReference;

  constructor(workflow: AnyWorkflowReference) {
    this.#workflow = workflow;
  }

  async definition() {
    const { version, timeoutMs, runTimeoutMs } = this.#workflow;
    return { version, timeoutMs, runTimeoutMs };
  }

  input(input: Payload): Promise<Payload> {
    const { name, inputSchema } = this.#workflow;
    return parse(inputSchema, input, `The input of workflow "${name}"`);
  }

  message(kind: MessageKind, name: string, payload: Payload): Promise<Payload> {
    return parse(declared(this.#workflow, kind).get(name)?.inputSchema, payload, `The input of ${kind} "${name}"`);
  }

  async attributes(changes: Readonly<Record<string, unknown>>, what: string): Promise<Changes> {
    const { attributes } = this.#workflow;
    return readAttributeChanges(attributes, withDates(attributes, changes), what);
  }
}

/** One of the questions to a declaration, for another node. */
export interface Question {
  readonly workflow: ServedWorkflow;
  readonly about: keyof Declaration;
  readonly args: readonly unknown[];
}

/** Of a workflow that other nodes have. */
export class FarDeclaration implements Declaration {
  readonly #workflow: ServedWorkflow;
  readonly #ask: (question: Question) => Promise<unknown>;

  constructor(workflow: ServedWorkflow, ask: (question: Question) => Promise<unknown>) {
    this.#workflow = workflow;
    this.#ask = ask;
  }

  definition(): ReturnType<Declaration['definition']> {
    return this.#put('definition') as ReturnType<Declaration['definition']>;
  }

  input(...args: Parameters<Declaration['input']>): ReturnType<Declaration['input']> {
    return this.#put('input', ...args) as ReturnType<Declaration['input']>;
  }

  message(...args: Parameters<Declaration['message']>): ReturnType<Declaration['message']> {
    return this.#put('message', ...args) as ReturnType<Declaration['message']>;
  }

  attributes(...args: Parameters<Declaration['attributes']>): ReturnType<Declaration['attributes']> {
    return this.#put('attributes', ...args) as ReturnType<Declaration['attributes']>;
  }

  #put(about: keyof Declaration, ...args: readonly unknown[]): Promise<unknown> {
    return this.#ask({ workflow: this.#workflow, about, args });
  }
}

/** What the workflow's declaration says here. NOT_FOUND where this node has it not. */
export function answerTo({ about, args }: Question, workflow: AnyWorkflowReference | undefined): Promise<unknown> {
  if (!workflow) throw new DfnsError('NOT_FOUND', 'This node has not the workflow.');
  const declaration = new OwnDeclaration(workflow);
  return (declaration[about] as (...given: readonly unknown[]) => Promise<unknown>).apply(declaration, [...args]);
}

export function declared(
  workflow: AnyWorkflowReference,
  kind: MessageKind,
): ReadonlyMap<string, { readonly inputSchema: Schema | undefined }> {
  switch (kind) {
    case 'signal':
      return workflow.signals;
    case 'query':
      return workflow.queries;
    case 'update':
      return workflow.updates;
  }
}

async function parse(schema: Schema | undefined, value: Payload, what: string): Promise<Payload> {
  return schema ? encode(await parseWith(schema, decode(value), what), what) : value;
}
