import { workflowRule } from '../rule.ts';
import { callOf, memberOn, propertyOf, type Node } from '../syntax.ts';
import type { WorkflowCode } from '../workflow-code.ts';

/** Promise.race over durable promises: the losers stay, hold timers, and take signals that nobody will read. */
export const noPlainRace = workflowRule(
  {
    description: 'Race durable promises by ctx.race: it cancels the losers.',
    messages: {
      race: 'Promise.{{method}} leaves {{what}} standing when it loses: its timer stays, and a wait takes a signal that nobody reads. Use ctx.race({ … }).',
    },
  },
  function* (code) {
    for (const { name, source, node } of code.outside()) {
      const member = source === undefined && name === 'Promise' ? memberOn(node) : undefined;
      const method = member && propertyOf(member);
      const call = member && callOf(member);
      if (!call || (method !== 'race' && method !== 'any')) continue;
      const what = call.arguments.map(argument => durableIn(code, argument)).find(each => each !== undefined);
      if (what !== undefined) yield { node: call, messageId: 'race', data: { method, what } };
    }
  },
);

/** The first durable promise that stands in the argument, or is named there. */
function durableIn(code: WorkflowCode, argument: Node): string | undefined {
  for (const node of code.nodes(argument)) {
    const direct = code.durable(node);
    if (direct !== undefined) return direct;
    const named = node.type === 'Identifier' ? code.initializerOf(node) : undefined;
    const kept = named && code.durable(named);
    if (kept !== undefined) return kept;
  }
  return undefined;
}
