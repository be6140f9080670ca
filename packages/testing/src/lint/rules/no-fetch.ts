import { workflowRule } from '../rule.ts';
import { memberOn, propertyOf } from '../syntax.ts';

const GLOBALS = new Set([
  'fetch',
  'XMLHttpRequest',
  'WebSocket',
  'EventSource',
  'localStorage',
  'sessionStorage',
  'indexedDB',
]);
const MODULES =
  /^(node:)?(fs|http|https|http2|net|tls|dgram|dns|child_process|worker_threads|cluster|readline|os|sqlite|inspector)(\/.*)?$/;
/** Other rules speak of these. */
const CLOCK = new Set(['hrtime', 'uptime', 'nextTick']);

/** The world, touched by workflow code: again in each replay, and with another answer. */
export const noFetch = workflowRule(
  {
    description: 'Touch the world in a task or step: workflow code runs again in replay.',
    messages: {
      io: '{{what}} touches the world, and does so again in each replay. Move it into a task or ctx.step.',
      process:
        'process.{{property}} is this process’s, and another in replay. Read it in a step, or before the start and pass it as input.',
    },
  },
  function* (code) {
    for (const { name, source, node } of code.outside()) {
      if (source !== undefined) {
        if (/^(node:)?process$/.test(source) && !CLOCK.has(name)) {
          yield { node, messageId: 'process', data: { property: name } };
        } else if (MODULES.test(source))
          yield {
            node,
            messageId: 'io',
            data: { what: name === '*' || name === 'default' ? source : `${name} of ${source}` },
          };
      } else if (GLOBALS.has(name)) {
        yield { node, messageId: 'io', data: { what: name } };
      } else if (name === 'process') {
        const member = memberOn(node);
        const property = member && propertyOf(member);
        if (property !== undefined && !CLOCK.has(property))
          yield { node: member!, messageId: 'process', data: { property } };
      }
    }
  },
);
