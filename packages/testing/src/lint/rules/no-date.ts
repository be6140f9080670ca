import { workflowRule } from '../rule.ts';
import { callOf, memberOn, parentOf, propertyOf } from '../syntax.ts';

/** Of process. */
const CLOCKS = new Set(['hrtime', 'uptime']);

/** The clock, read in workflow code: another time in each replay. */
export const noDate = workflowRule(
  {
    description: 'Read the time by ctx.now() in workflow code: the clock says something else in replay.',
    messages: { clock: '{{what}} reads the clock, which says something else in replay. Use ctx.now().' },
  },
  function* (code) {
    for (const { name, source, node } of code.outside()) {
      if (source !== undefined) {
        const isClock = /^(node:)?perf_hooks$/.test(source) || (/^(node:)?process$/.test(source) && CLOCKS.has(name));
        if (isClock) yield { node, messageId: 'clock', data: { what: name } };
        continue;
      }
      const now = code.ctxNameAt(node) && `${code.ctxNameAt(node)}.now()`;
      const member = memberOn(node);
      const property = member && propertyOf(member);
      const parent = parentOf(node);
      if (name === 'Date' && member && property === 'now') {
        yield {
          node: callOf(member) ?? member,
          messageId: 'clock',
          data: { what: 'Date.now' },
          fix: callOf(member) && now,
        };
      } else if (name === 'Date' && parent?.type === 'NewExpression' && parent.callee === node) {
        if (parent.arguments.length > 0) continue;
        yield { node: parent, messageId: 'clock', data: { what: 'new Date()' }, fix: now && `new Date(${now})` };
      } else if (name === 'Date' && callOf(node)) {
        yield { node: callOf(node)!, messageId: 'clock', data: { what: 'Date()' } };
      } else if (name === 'Temporal' && property === 'Now') {
        yield { node: member!, messageId: 'clock', data: { what: 'Temporal.Now' } };
      } else if (name === 'performance' && member) {
        yield { node: member, messageId: 'clock', data: { what: `performance.${property}` } };
      } else if (name === 'process' && CLOCKS.has(property ?? '')) {
        yield { node: member!, messageId: 'clock', data: { what: `process.${property}` } };
      }
    }
  },
);
