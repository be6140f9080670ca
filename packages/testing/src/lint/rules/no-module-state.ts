import type { Scope } from 'eslint';
import { workflowRule } from '../rule.ts';
import { bare, callOf, parentOf, propertyOf, type Node } from '../syntax.ts';

const MUTATORS = new Set([
  ...['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin'],
  ...['set', 'add', 'delete', 'clear'],
]);
const COLLECTIONS = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'Array']);

/** State of the module, changed by workflow code: shared by all executions, changed again in replay, lost with the process. */
export const noModuleState = workflowRule(
  {
    description: 'Keep state in the workflow function: a module’s is shared, and changed again by each replay.',
    messages: {
      state:
        '{{name}} belongs to the module: all executions share it, replay changes it again, and it ends with the process. Keep it in the workflow function.',
    },
  },
  function* (code) {
    for (const { reference, variable } of code.moduleReferences()) {
      const node = reference.identifier as Node;
      const { name } = variable;
      if (reference.isWrite() && reference.init !== true) yield { node, messageId: 'state', data: { name } };
      else if (changesMember(node) || (holdsCollection(variable) && mutates(node))) {
        yield { node, messageId: 'state', data: { name } };
      }
    }
    for (const { name, node } of code.outside()) {
      // `globalThis.counter = …`: the member is what is assigned.
      if (node.type === 'MemberExpression' && isTarget(node)) {
        yield { node, messageId: 'state', data: { name: `globalThis.${name}` } };
      }
    }
  },
);

/** `state.count++`, `state.list[0] = …`, `delete state.x`. */
function changesMember(node: Node): boolean {
  const top = outermost(node);
  return top !== node && isTarget(top);
}

function isTarget(node: Node): boolean {
  const parent = parentOf(node);
  if (parent?.type === 'AssignmentExpression') return parent.left === node;
  if (parent?.type === 'UpdateExpression') return true;
  return parent?.type === 'UnaryExpression' && parent.operator === 'delete';
}

/** `list.push(…)`, `state.seen.add(…)`. */
function mutates(node: Node): boolean {
  const top = outermost(node);
  return top.type === 'MemberExpression' && callOf(top) !== undefined && MUTATORS.has(propertyOf(top) ?? '');
}

function outermost(node: Node): Node {
  let top = node;
  for (let parent = parentOf(top); parent; parent = parentOf(top)) {
    const wraps =
      parent.type === 'MemberExpression' ? parent.object === top : bare(parent) === bare(top) && parent !== top;
    if (!wraps) break;
    top = parent;
  }
  return top;
}

/** It is made here, of what can be changed: not a library whose `set` may be anything. */
function holdsCollection(variable: Scope.Variable): boolean {
  const definition = variable.defs[0];
  if (definition?.type !== 'Variable') return false;
  const { init } = definition.node as { init?: Node | null };
  const value = init ? bare(init) : undefined;
  if (value?.type === 'ArrayExpression' || value?.type === 'ObjectExpression') return true;
  return value?.type === 'NewExpression' && value.callee.type === 'Identifier' && COLLECTIONS.has(value.callee.name);
}
