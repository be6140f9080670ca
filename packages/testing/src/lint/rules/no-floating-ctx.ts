import { workflowRule } from '../rule.ts';
import { bare, functionAround, isFunction, parentOf, propertyOf, type Node } from '../syntax.ts';
import type { WorkflowCode } from '../workflow-code.ts';

/** A durable promise that nobody awaits: its failure is lost, and the run may end before it. */
export const noFloatingCtx = workflowRule(
  {
    description: 'Await what ctx returns, return it, or hand it on: a promise that floats fails unseen.',
    messages: {
      floating:
        'Nobody awaits {{what}}: the workflow goes on, or ends, without it. Await it, or write `void` where that is meant.',
      unused: '{{what}} is kept in {{name}}, which nobody looks at: the workflow may end without it. Await it.',
      forEach: 'forEach does not wait for {{what}}. Use for…of with await, or ctx.map.',
    },
  },
  function* (code, text) {
    for (const node of code.nodes()) {
      if (node.type === 'ExpressionStatement') {
        const what = floating(code, node.expression);
        if (what === undefined || !code.contains(node)) continue;
        const isAsync = functionAround(node)?.async === true;
        const suggestion = isAsync ? { text: `await ${text(node.expression)}`, replaced: node.expression } : undefined;
        yield { node: node.expression, messageId: 'floating', data: { what }, suggestion };
      } else if (node.type === 'CallExpression') {
        const what = eachOf(code, node);
        if (what !== undefined && code.contains(node)) yield { node, messageId: 'forEach', data: { what } };
      }
    }
    for (const variable of code.variables()) {
      const declarator = variable.defs[0]!.node as Node;
      if (declarator.type !== 'VariableDeclarator' || declarator.id.type !== 'Identifier' || !declarator.init) continue;
      const what = code.durable(declarator.init);
      if (what === undefined || variable.references.some(reference => reference.isRead())) continue;
      yield { node: declarator.init, messageId: 'unused', data: { what, name: variable.name } };
    }
  },
);

/** The durable promise that an expression leaves standing; one whose failure is handled is none. */
function floating(code: WorkflowCode, expression: Node): string | undefined {
  const node = bare(expression);
  if (node.type !== 'CallExpression') return undefined;
  const what = code.durable(node);
  if (what !== undefined) return what;
  const callee = bare(node.callee);
  if (callee.type !== 'MemberExpression') return undefined;
  const property = propertyOf(callee);
  const handles = property === 'catch' || (property === 'then' && node.arguments.length > 1);
  if (handles || (property !== 'then' && property !== 'finally')) return undefined;
  return floating(code, callee.object);
}

/** `list.forEach(item => ctx.run(…))`. */
function eachOf(code: WorkflowCode, call: Node & { type: 'CallExpression' }): string | undefined {
  const callee = bare(call.callee);
  if (callee.type !== 'MemberExpression' || propertyOf(callee) !== 'forEach') return undefined;
  const each = call.arguments[0] && bare(call.arguments[0]);
  if (!isFunction(each)) return undefined;
  if (each.body.type !== 'BlockStatement') return code.durable(each.body);
  if (each.async !== true) return undefined;
  for (const node of code.nodes(each.body)) {
    if (node.type !== 'AwaitExpression' || functionAround(node) !== each) continue;
    const what = code.durable(node.argument);
    if (what !== undefined && parentOf(node)) return what;
  }
  return undefined;
}
