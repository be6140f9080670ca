import type { AnyWorkflowReference, Schema } from '@dfnsjs/actor-core';
import type { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import { decode, encode, parseWith, readAttributeChanges, type Payload } from '@dfnsjs/actor-core/records';
import { withDates } from './attribute-dates.ts';
import type { Router } from '../routing/router.ts';

export type MessageKind = 'signal' | 'query' | 'update';

/**
 * Checks what comes in, once, where it comes in: the parsed value is what is stored, and replay never validates again.
 * What a workflow does not declare is let through.
 */
export class Door {
  readonly #workflows: WorkflowRegistry;
  readonly #router: Router;
  /** Kinds and names that some workflow declares with a schema: only for these is the execution's workflow asked for. */
  readonly #checked = new Set<string>();

  constructor(workflows: WorkflowRegistry, router: Router) {
    this.#workflows = workflows;
    this.#router = router;
    for (const workflow of workflows) {
      for (const kind of ['signal', 'query', 'update'] as const) {
        for (const [name, { inputSchema }] of declared(workflow, kind)) {
          if (inputSchema) this.#checked.add(`${kind} ${name}`);
        }
      }
    }
  }

  input(workflow: AnyWorkflowReference, input: Payload): Promise<Payload> {
    return parse(workflow.inputSchema, input, `The input of workflow "${workflow.name}"`);
  }

  /** Of a message to an execution that runs `workflow`, or will. */
  messageTo(workflow: AnyWorkflowReference | undefined, kind: MessageKind, name: string, payload: Payload) {
    const schema = workflow && declared(workflow, kind).get(name)?.inputSchema;
    return parse(schema, payload, `The input of ${kind} "${name}"`);
  }

  /** Changes of the attributes of an execution that is there. */
  async attributes(namespace: string, id: string, changes: Readonly<Record<string, unknown>>) {
    const of = await this.#router.to(namespace, id).workflowOf(namespace, id);
    const workflow = of && this.#workflows.get(of.workflow, of.version);
    return readAttributeChanges(workflow?.attributes, withDates(workflow?.attributes, changes), `execution "${id}"`);
  }

  async message(kind: MessageKind, namespace: string, id: string, name: string, payload: Payload): Promise<Payload> {
    if (!this.#checked.has(`${kind} ${name}`)) return payload;
    const of = await this.#router.to(namespace, id).workflowOf(namespace, id);
    return this.messageTo(of && this.#workflows.get(of.workflow, of.version), kind, name, payload);
  }
}

function declared(
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
