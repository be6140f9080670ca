import type { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import type { Membership, ServedWorkflow } from '@dfnsjs/actor-core/ports';
import {
  mergeAttributes,
  readAttributeChanges,
  type Attributes,
  type Incarnation,
  type Payload,
} from '@dfnsjs/actor-core/records';
import { servesAll } from '../placement/workflows.ts';
import type { Router } from '../routing/router.ts';
import {
  declared,
  FarDeclaration,
  OwnDeclaration,
  type Declaration,
  type MessageKind,
  type Question,
} from './declaration.ts';

export interface DoorOptions {
  readonly workflows: WorkflowRegistry;
  readonly router: Router;
  membership(): Membership | null;
  /** Puts a question to one of these nodes. UNAVAILABLE where none answers. */
  consult(nodes: readonly Incarnation[], question: Question): Promise<unknown>;
}

/**
 * Checks what comes in, once, where it comes in: the parsed value is what is stored, and replay never validates again.
 * Where another node alone has the workflow, that one is asked.
 */
export class Door {
  readonly #options: DoorOptions;
  /** Kinds and names that some workflow declares with a schema: only for these is the execution's workflow asked for. */
  readonly #checked = new Set<string>();
  #compared: Membership | null = null;
  #othersHaveMore = false;

  constructor(options: DoorOptions) {
    this.#options = options;
    for (const workflow of options.workflows) {
      for (const kind of ['signal', 'query', 'update'] as const) {
        for (const [name, { inputSchema }] of declared(workflow, kind)) {
          if (inputSchema) this.#checked.add(`${kind} ${name}`);
        }
      }
    }
  }

  /** `version` undefined: the highest here, else at others. undefined: no node has it. */
  declaration(name: string, version: number | undefined): Declaration | undefined {
    const { workflows, consult } = this.#options;
    const own = version === undefined ? workflows.latest(name) : workflows.get(name, version);
    if (own) return new OwnDeclaration(own);
    const served = version ?? this.#highestElsewhere(name);
    if (served === undefined) return undefined;
    const workflow = { name, version: served };
    const nodes = this.#living.filter(member => servesAll(member, [workflow])).map(({ incarnation }) => incarnation);
    return nodes.length === 0 ? undefined : new FarDeclaration(workflow, question => consult(nodes, question));
  }

  /** Changes of the attributes of an execution that is there. */
  async attributes(namespace: string, id: string, changes: Readonly<Record<string, unknown>>) {
    const what = `execution "${id}"`;
    const declaration = await this.#declarationOf(namespace, id);
    return declaration ? declaration.attributes(changes, what) : readAttributeChanges(undefined, changes, what);
  }

  async message(kind: MessageKind, namespace: string, id: string, name: string, payload: Payload): Promise<Payload> {
    if (!this.#checked.has(`${kind} ${name}`) && !this.#mayBeDeclaredElsewhere) return payload;
    const declaration = await this.#declarationOf(namespace, id);
    return declaration ? declaration.message(kind, name, payload) : payload;
  }

  async #declarationOf(namespace: string, id: string): Promise<Declaration | undefined> {
    const of = await this.#options.router.to(namespace, id).workflowOf(namespace, id);
    return of && this.declaration(of.workflow, of.version);
  }

  /** Also one that takes no executions any more can tell what its workflows declare. */
  get #living() {
    return this.#options.membership()?.members.filter(({ leaseLeftMs }) => leaseLeftMs > 0) ?? [];
  }

  #highestElsewhere(name: string): number | undefined {
    const versions = this.#living.flatMap(({ workflows }) => workflows.filter(each => each.name === name));
    return versions.length === 0 ? undefined : Math.max(...versions.map(({ version }) => version));
  }

  /** Whether some node has a workflow that this one lacks. */
  get #mayBeDeclaredElsewhere(): boolean {
    const membership = this.#options.membership();
    if (membership !== this.#compared) {
      const isHere = ({ name, version }: ServedWorkflow) => this.#options.workflows.get(name, version) !== undefined;
      this.#othersHaveMore = membership?.members.some(({ workflows }) => !workflows.every(isHere)) ?? false;
      this.#compared = membership;
    }
    return this.#othersHaveMore;
  }
}

/** Attributes of a start, by what its workflow declares. */
export async function startAttributes(
  declaration: Declaration | undefined,
  attributes: Readonly<Record<string, unknown>>,
): Promise<Attributes> {
  const what = 'start';
  const changes = await (declaration?.attributes(attributes, what) ??
    readAttributeChanges(undefined, attributes, what));
  return mergeAttributes(undefined, changes);
}
