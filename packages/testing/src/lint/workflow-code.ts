import type { Scope, SourceCode } from 'eslint';
import type * as ES from 'estree';
import { HANDS_CTX, OTHER_EXECUTION, PROMISES } from './ctx-calls.ts';
import { asGlobal, importedName, importOf } from './imports.ts';
import { bare, functionAround, isFunction, memberOn, parameterName, parentOf, propertyOf } from './syntax.ts';
import type { FunctionNode, Node } from './syntax.ts';
import { nodesOf } from './walk.ts';

/** A call of a ctx: `ctx.run(…)`. */
export interface CtxCall {
  readonly name: string;
  readonly ctx: Scope.Variable;
  readonly node: ES.SimpleCallExpression;
}

/** An expression that means something from outside the file: a global, or what it imports. */
export interface Outside {
  /** `Date` of the global, whether it is written `Date` or `globalThis.Date`; of an import its exported name. */
  readonly name: string;
  /** The module, for an import. `*` and `default` are names of their kind. */
  readonly source?: string | undefined;
  readonly node: Node;
}

const CONTEXT_TYPES = new Set(['WorkflowContext', 'ScopeContext']);
const FACES = /^(dfns(\/.*)?|@dfnsjs\/.*)$/;

/**
 * Which code of a file is workflow code, and what is a ctx in it. Workflow code is
 *
 * - the function given to `workflow(…)` of dfns, or to `.implement(…)`, with all that stands in it,
 * - functions with a parameter of type `WorkflowContext` or `ScopeContext`,
 * - functions of the same file that those call by name, or hand to a ctx call by name, and so on,
 *
 * and never the body of a `ctx.step` or `task`, nor what only those call. Methods, and functions of other files without
 * such a parameter, are not looked at.
 */
export class WorkflowCode {
  readonly #source: SourceCode;
  readonly #functions = new Set<FunctionNode>();
  readonly #bodies = new Set<FunctionNode>();
  /** Functions that are handed a ctx of their own, whether they take it or not. */
  readonly #handed = new Set<FunctionNode>();
  readonly #ctxOf = new Map<FunctionNode, Scope.Variable>();
  readonly #ctxs = new Map<Scope.Variable, FunctionNode>();
  readonly #variables = new Map<Node, Scope.Reference>();
  readonly #seen = new Set<string>();

  constructor(source: SourceCode) {
    this.#source = source;
    for (const scope of source.scopeManager.scopes) {
      for (const reference of scope.references) this.#variables.set(reference.identifier as Node, reference);
    }
    for (const node of this.nodes(source.ast)) {
      if (node.type === 'CallExpression') this.#enterDefinition(node);
      if (isFunction(node)) this.#enterTyped(node);
    }
  }

  /** All nodes below `root`, by default the whole file's, but for bodies of tasks and steps. */
  nodes(root: Node = this.#source.ast): Iterable<Node> {
    return nodesOf(this.#source, root, fn => !this.#bodies.has(fn as FunctionNode));
  }

  /** Whether `node` runs as part of a workflow. */
  contains(node: Node): boolean {
    for (let at: Node | undefined = node; at; at = parentOf(at)) {
      if (!isFunction(at)) continue;
      if (this.#bodies.has(at)) return false;
      if (this.#functions.has(at)) return true;
    }
    return false;
  }

  /** Whether the function, called by name, is workflow code and async: its promise is to be awaited as ctx calls are. */
  isAsyncHelper(call: ES.SimpleCallExpression): boolean {
    const called = this.#functionOf(call.callee);
    return (
      called !== undefined &&
      called.async === true &&
      this.#functions.has(called) &&
      call.arguments.some(each => this.ctxOf(each))
    );
  }

  /** The ctx that `node` is, if it is one. */
  ctxOf(node: Node): Scope.Variable | undefined {
    const variable = this.#variables.get(bare(node))?.resolved;
    return variable && this.#ctxs.has(variable) ? variable : undefined;
  }

  ctxCall(node: Node): CtxCall | undefined {
    const call = bare(node);
    if (call.type !== 'CallExpression') return undefined;
    const callee = bare(call.callee);
    if (callee.type !== 'MemberExpression') return undefined;
    const ctx = this.ctxOf(callee.object);
    const name = propertyOf(callee);
    return ctx && name !== undefined ? { name, ctx, node: call } : undefined;
  }

  /** What gives a durable promise, as people call it: `ctx.run(…)`; undefined for anything else. */
  durable(node: Node): string | undefined {
    const call = bare(node);
    if (call.type !== 'CallExpression') return undefined;
    const direct = this.ctxCall(call);
    if (direct) return PROMISES.has(direct.name) ? `${direct.ctx.name}.${direct.name}(…)` : undefined;
    const callee = bare(call.callee);
    if (callee.type === 'MemberExpression' && OTHER_EXECUTION.has(propertyOf(callee) ?? '')) {
      const other = this.ctxCall(callee.object);
      if (other?.name === 'execution') return `${other.ctx.name}.execution(…).${propertyOf(callee)}(…)`;
    }
    return this.isAsyncHelper(call) ? `${this.#source.getText(call.callee)}(…)` : undefined;
  }

  /** The name by which code at `node` reaches its ctx; undefined where it has none. */
  ctxNameAt(node: Node): string | undefined {
    for (let at = functionAround(node); at; at = functionAround(at)) {
      const ctx = this.#ctxOf.get(at);
      if (ctx) return this.#lookUp(node, ctx.name) === ctx ? ctx.name : undefined;
    }
    return undefined;
  }

  /**
   * The function around `node` that is handed a ctx of its own, inside the one whose ctx this is; `own` is the name of
   * what it is handed, if it takes it.
   */
  scopeBetween(node: Node, ctx: Scope.Variable): { readonly own: string | undefined } | undefined {
    const owner = this.#ctxs.get(ctx);
    for (let at = functionAround(node); at && at !== owner; at = functionAround(at)) {
      if (this.#bodies.has(at)) return undefined;
      if (this.#handed.has(at)) return { own: this.#ctxOf.get(at)?.name };
    }
    return undefined;
  }

  /** What workflow code uses of the world outside the file, types aside. */
  *outside(): Iterable<Outside> {
    const copies = new Set<Node>();
    for (const reference of this.#variables.values()) {
      const { resolved } = reference;
      const identifier = reference.identifier as ES.Identifier;
      // The scopes of TypeScript tell types from values; those of JavaScript know none.
      if ((reference as { isValueReference?: boolean }).isValueReference === false) continue;
      if (!this.contains(identifier)) continue;
      if (!resolved || resolved.defs.length === 0) {
        const member = identifier.name === 'globalThis' ? memberOn(identifier) : undefined;
        const name = member ? propertyOf(member) : identifier.name;
        if (name !== undefined) yield { name, node: member ?? identifier };
        continue;
      }
      const imported = importOf(resolved);
      if (imported) {
        yield { ...asGlobal(imported), node: identifier };
        continue;
      }
      const copied = this.#copiedGlobal(resolved);
      if (copied && !copies.has(copied)) {
        copies.add(copied);
        yield { name: copied.name, node: copied };
      }
    }
  }

  /** `Date` of `const now = Date.now`, at the module's top level: it means there what it meant when the file was loaded. */
  #copiedGlobal(variable: Scope.Variable): ES.Identifier | undefined {
    const definition = variable.defs[0];
    if (definition?.type !== 'Variable' || (variable.scope.type !== 'module' && variable.scope.type !== 'global'))
      return;
    const { init } = definition.node;
    const copied = init && bare(init);
    if (copied?.type !== 'MemberExpression' || copied.object.type !== 'Identifier') return;
    const defined = this.#variables.get(copied.object)?.resolved?.defs.length ?? 0;
    return defined === 0 ? copied.object : undefined;
  }

  /** References in workflow code to variables of the module's top level, imports among them. */
  *moduleReferences(): Iterable<{ readonly reference: Scope.Reference; readonly variable: Scope.Variable }> {
    for (const reference of this.#variables.values()) {
      const variable = reference.resolved;
      if (!variable || variable.defs.length === 0) continue;
      if (variable.scope.type !== 'module' && variable.scope.type !== 'global') continue;
      if (this.contains(reference.identifier as Node)) yield { reference, variable };
    }
  }

  /** Variables that are declared in workflow code. */
  *variables(): Iterable<Scope.Variable> {
    for (const scope of this.#source.scopeManager.scopes) {
      for (const variable of scope.variables) {
        const declared = variable.defs[0]?.node as Node | undefined;
        if (declared && this.contains(declared)) yield variable;
      }
    }
  }

  /** What a constant holds that `node` names: its initializer. */
  initializerOf(node: Node): Node | undefined {
    const definition = this.#variables.get(bare(node))?.resolved?.defs[0];
    if (definition?.type !== 'Variable') return undefined;
    return definition.node.init ?? undefined;
  }

  #lookUp(node: Node, name: string): Scope.Variable | undefined {
    let scope: Scope.Scope | null = this.#source.getScope(node);
    for (; scope; scope = scope.upper) {
      const found = scope.set.get(name);
      if (found) return found;
    }
    return undefined;
  }

  /** `workflow({ … }, fn)`, `declaration.implement(fn)`, and `task({ … }, fn)`, whose function is none. */
  #enterDefinition(call: ES.SimpleCallExpression): void {
    const callee = bare(call.callee);
    if (callee.type === 'MemberExpression' && propertyOf(callee) === 'implement' && call.arguments.length === 1) {
      this.#enterArgument(call.arguments[0], 0);
      return;
    }
    const name = this.#fromDfns(callee);
    if (name === 'workflow') this.#enterArgument(call.arguments[1], 0);
    const body = call.arguments[1];
    if (name === 'task' && isFunction(body)) this.#bodies.add(body);
  }

  #fromDfns(callee: Node): string | undefined {
    const namespace = callee.type === 'MemberExpression' ? bare(callee.object) : undefined;
    const definition = this.#variables.get(namespace ?? callee)?.resolved?.defs[0];
    if (definition?.type !== 'ImportBinding') return undefined;
    const { parent, node } = definition as unknown as { parent: ES.ImportDeclaration; node: Node };
    if (!FACES.test(String(parent.source.value))) return undefined;
    if (!namespace) return importedName(node);
    return node.type === 'ImportNamespaceSpecifier' ? propertyOf(callee as ES.MemberExpression) : undefined;
  }

  #enterTyped(fn: FunctionNode): void {
    for (const [i, parameter] of fn.params.entries()) {
      const name = parameterName(parameter) as { typeAnnotation?: { typeAnnotation?: Node } } | undefined;
      const type = name?.typeAnnotation?.typeAnnotation as { typeName?: Node } | undefined;
      const typeName = type?.typeName;
      if (typeName?.type === 'Identifier' && CONTEXT_TYPES.has(typeName.name)) this.#enter(fn, i);
    }
  }

  #enterArgument(argument: Node | undefined, ctxParameter: number): FunctionNode | undefined {
    const fn = argument && (isFunction(bare(argument)) ? (bare(argument) as FunctionNode) : this.#functionOf(argument));
    if (fn) this.#enter(fn, ctxParameter);
    return fn;
  }

  /** The function of this file that a name stands for. */
  #functionOf(node: Node): FunctionNode | undefined {
    const definition = this.#variables.get(bare(node))?.resolved?.defs[0];
    if (definition?.type === 'FunctionName') return definition.node;
    const value = definition?.type === 'Variable' ? this.initializerOf(node) : undefined;
    return value && isFunction(bare(value)) ? (bare(value) as FunctionNode) : undefined;
  }

  /** `ctxParameter` < 0: it is given none. */
  #enter(fn: FunctionNode, ctxParameter: number): void {
    const key = `${fn.range?.[0]}:${ctxParameter}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#functions.add(fn);
    const parameter = parameterName(fn.params[ctxParameter]);
    const ctx =
      parameter && this.#source.scopeManager.getDeclaredVariables(fn).find(each => each.name === parameter.name);
    if (ctx) {
      this.#ctxOf.set(fn, ctx);
      this.#ctxs.set(ctx, fn);
    }
    for (const node of this.nodes(fn.body)) if (node.type === 'CallExpression') this.#enterCall(node);
  }

  #enterCall(call: ES.SimpleCallExpression): void {
    const ctxCall = this.ctxCall(call);
    if (!ctxCall) {
      const called = this.#functionOf(call.callee);
      if (called)
        this.#enter(
          called,
          call.arguments.findIndex(each => this.ctxOf(each)),
        );
      return;
    }
    const { name } = ctxCall;
    if (name === 'step') {
      const body = call.arguments[1] && bare(call.arguments[1]);
      if (isFunction(body)) this.#bodies.add(body);
      return;
    }
    const hands = HANDS_CTX.get(name);
    if (hands) {
      for (const thunk of thunksOf(call.arguments.at(hands.argument))) this.#hand(thunk, hands.parameter);
    }
    // `ctx.run(task, input, { compensate })` hands one too.
    const compensate = propertyValue(call.arguments.at(-1), 'compensate');
    if (compensate) this.#hand(compensate, 1);
    if (name === 'on') this.#enterArgument(call.arguments[1], -1);
  }

  #hand(thunk: Node, parameter: number): void {
    const fn = this.#enterArgument(thunk, parameter);
    if (fn) this.#handed.add(fn);
  }
}

const codes = new WeakMap<object, WorkflowCode>();

/** Read once a file, for all rules. */
export function workflowCodeOf(source: SourceCode): WorkflowCode {
  let code = codes.get(source.ast);
  if (!code) codes.set(source.ast, (code = new WorkflowCode(source)));
  return code;
}

/** The functions of an argument: itself, or what stands in its object or array. */
function thunksOf(argument: Node | undefined): Node[] {
  if (!argument) return [];
  const node = bare(argument);
  if (node.type === 'ArrayExpression') return node.elements.flatMap(each => each ?? []);
  if (node.type !== 'ObjectExpression') return [node];
  return node.properties.flatMap(each => (each.type === 'Property' ? each.value : []));
}

function propertyValue(argument: Node | undefined, name: string): Node | undefined {
  const node = argument && bare(argument);
  if (node?.type !== 'ObjectExpression') return undefined;
  for (const each of node.properties) {
    if (each.type === 'Property' && !each.computed && each.key.type === 'Identifier' && each.key.name === name) {
      return each.value;
    }
  }
  return undefined;
}
