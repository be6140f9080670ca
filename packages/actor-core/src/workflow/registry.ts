import type { AnyWorkflowReference } from '../definition/workflow-reference.ts';
import type { Around } from '../definition/middleware.ts';
import { validation } from '../errors/dfns-error.ts';
import { kindOf } from '../options/known-options.ts';
import { surrounded, type WorkflowCall } from './workflow-call.ts';
import type { AnyWorkflow } from './workflow.ts';

interface Registered {
  readonly workflow: AnyWorkflow;
  /** It with the registry's middleware around its function. */
  readonly runs: AnyWorkflow;
  readonly file: string | undefined;
}

/** The workflows that a node runs, by name and version. */
export class WorkflowRegistry implements Iterable<AnyWorkflow> {
  readonly #versions = new Map<string, Map<number, Registered>>();
  readonly #around: Around<WorkflowCall> | null;

  /** @param around middleware that runs around the function of each */
  constructor(around: Around<WorkflowCall> | null = null) {
    this.#around = around;
  }

  /**
   * `file` is where it was loaded from, if it was. The same definition may come twice, as exports of exports do;
   * another one of the same name and version is VALIDATION.
   */
  register(workflow: AnyWorkflow, file?: string): void {
    assertImplemented(workflow, file);
    const versions = this.#versions.get(workflow.name) ?? new Map<number, Registered>();
    const before = versions.get(workflow.version);
    if (before !== undefined && before.workflow !== workflow) {
      throw validation(
        `Two workflows are named ${JSON.stringify(workflow.name)}, version ${workflow.version}: ` +
          `one ${place(before)}, one ${place({ workflow, file })}. Give one another name or version.`,
        { workflow: workflow.name, version: workflow.version },
      );
    }
    if (before === undefined) {
      const runs = this.#around ? surrounded(workflow, this.#around) : workflow;
      versions.set(workflow.version, { workflow, runs, file });
    }
    this.#versions.set(workflow.name, versions);
  }

  get(name: string, version: number): AnyWorkflow | undefined {
    return this.#versions.get(name)?.get(version)?.runs;
  }

  /** The highest version. */
  latest(name: string): AnyWorkflow | undefined {
    const versions = this.#versions.get(name);
    return versions === undefined ? undefined : this.get(name, Math.max(...versions.keys()));
  }

  names(): readonly string[] {
    return [...this.#versions.keys()];
  }

  /** As they were registered. */
  *[Symbol.iterator](): Iterator<AnyWorkflow> {
    for (const versions of this.#versions.values()) {
      for (const { workflow } of versions.values()) yield workflow;
    }
  }
}

function assertImplemented(workflow: AnyWorkflow | AnyWorkflowReference, file: string | undefined): void {
  if (workflow?.kind !== 'workflow') {
    throw validation(`workflows must hold what workflow(…) returns, got ${kindOf(workflow)}${from(file)}.`);
  }
  if (!('run' in workflow)) {
    const name = JSON.stringify(workflow.name);
    throw validation(`workflow ${name}${from(file)} has no function: register what its .implement(fn) returns.`);
  }
}

function place({ workflow, file }: Pick<Registered, 'workflow' | 'file'>): string {
  const where = file ?? workflow.source;
  return where === undefined ? 'of unknown place' : `in ${where}`;
}

function from(file: string | undefined): string {
  return file === undefined ? '' : ` in ${file}`;
}
