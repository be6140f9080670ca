import { SCOPED } from '../ctx-calls.ts';
import { workflowRule } from '../rule.ts';
import { bare, propertyOf } from '../syntax.ts';

/** The ctx of an outer scope, used where another is handed: what it starts is not cancelled or undone with this part. */
export const noOuterCtx = workflowRule(
  {
    description:
      'In scope, shielded, saga, race, gather, map and withLimit use the ctx that they hand to the function.',
    messages: {
      outer:
        '{{what}} uses the ctx of an outer scope: it is not cancelled with this part. Use {{own}}, which this function is handed.',
      untaken:
        '{{what}} uses the ctx of an outer scope: it is not cancelled with this part. Take the ctx that this function is handed, and use it.',
    },
  },
  function* (code) {
    for (const node of code.nodes()) {
      if (node.type !== 'MemberExpression') continue;
      const object = bare(node.object);
      const ctx = code.ctxOf(object);
      const property = propertyOf(node);
      if (!ctx || property === undefined || !SCOPED.has(property) || !code.contains(node)) continue;
      const scope = code.scopeBetween(node, ctx);
      if (!scope) continue;
      const { own } = scope;
      const what = `${ctx.name}.${property}`;
      if (own === undefined) yield { node: object, messageId: 'untaken', data: { what } };
      else yield { node: object, messageId: 'outer', data: { what, own }, suggestion: { text: own } };
    }
  },
);
