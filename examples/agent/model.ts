import { RetryAfterError, task } from 'dfns';
import { z } from 'zod';

export const ToolCall = z.object({ id: z.string(), tool: z.string(), input: z.record(z.string(), z.unknown()) });
export type ToolCall = z.infer<typeof ToolCall>;

export const Message = z.discriminatedUnion('role', [
  z.object({ role: z.literal('user'), text: z.string() }),
  z.object({ role: z.literal('model'), text: z.string(), calls: z.array(ToolCall) }),
  z.object({ role: z.literal('tool'), id: z.string(), text: z.string() }),
]);
export type Message = z.infer<typeof Message>;

/**
 * One call of the model. A rate limit waits as long as the model says and costs no attempt; other failures are tried
 * again, up to five times.
 */
export const askModel = task(
  {
    name: 'ask-model',
    output: z.object({ text: z.string(), calls: z.array(ToolCall) }),
    retry: { maxAttempts: 5, initial: '200ms' },
    timeout: '2m',
  },
  (messages: readonly Message[], t) => scripted(messages, t.attempt),
);

/** Stands where you call your model: it plans, uses tools, and is out of order now and then. */
function scripted(messages: readonly Message[], attempt: number) {
  const results = messages.filter(message => message.role === 'tool');
  if (results.length === 0) {
    if (attempt === 1) throw new RetryAfterError('300ms');
    return {
      text: 'I look up both numbers.',
      calls: [
        { id: 'a', tool: 'search', input: { query: 'days in a leap year' } },
        { id: 'b', tool: 'search', input: { query: 'hours in a day' } },
      ],
    };
  }
  if (results.length === 2) {
    if (attempt === 1) throw new Error('The model answers 529: overloaded.');
    const [a, b] = results.map(result => Number(result.text));
    return { text: 'Now I multiply them.', calls: [{ id: 'c', tool: 'multiply', input: { a, b } }] };
  }
  return { text: `A leap year has ${results[2]!.text} hours.`, calls: [] };
}
