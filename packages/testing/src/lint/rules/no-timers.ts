import { workflowRule } from '../rule.ts';
import { memberOn, propertyOf } from '../syntax.ts';

const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate']);
const MODULES = /^(node:)?timers(\/promises)?$/;

/** Timers of the process: they end with it, and what they call is no message of the execution. */
export const noTimers = workflowRule(
  {
    description: 'Wait by ctx.sleep() in workflow code: timers of the process end with it, and never fire in replay.',
    messages: {
      timer:
        '{{what}} ends with the process, and in replay it never fires in time. Use ctx.sleep(), or a timeout option.',
    },
  },
  function* (code) {
    for (const { name, source, node } of code.outside()) {
      const member = memberOn(node);
      const property = member && propertyOf(member);
      if (source !== undefined) {
        const isTick = /^(node:)?process$/.test(source) && name === 'nextTick';
        if (isTick || MODULES.test(source))
          yield { node, messageId: 'timer', data: { what: name === '*' ? source : name } };
      } else if (TIMERS.has(name)) {
        yield { node, messageId: 'timer', data: { what: name } };
      } else if (name === 'process' && property === 'nextTick') {
        yield { node: member!, messageId: 'timer', data: { what: 'process.nextTick' } };
      } else if (name === 'AbortSignal' && property === 'timeout') {
        yield { node: member!, messageId: 'timer', data: { what: 'AbortSignal.timeout' } };
      }
    }
  },
);
