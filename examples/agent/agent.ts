import { query, workflow, TaskError, type AnyTask, type WorkflowContext } from 'dfns';
import { z } from 'zod';
import { askModel, Message, type ToolCall } from './model.ts';
import { multiply, search } from './tools.ts';

const Question = z.object({ question: z.string(), maxTurns: z.int().min(1).default(10) });
const Answer = z.object({ text: z.string(), turns: z.int() });

/** What has been said so far: ask for it at any time, while the agent works or after. */
export const transcript = query('transcript', { output: z.array(Message) });

const tools: Readonly<Record<string, AnyTask>> = { search, multiply };

/**
 * An agent that asks a model, runs the tools that it asks for, and tells it what they gave, until it answers. Each reply
 * and each result is recorded once: whatever dies meanwhile, no model is paid twice for the same turn.
 */
export const agent = workflow(
  {
    name: 'agent',
    input: Question,
    output: Answer,
    queries: [transcript],
    errors: { OutOfTurns: z.object({ turns: z.int() }) },
    timeout: '1h',
  },
  async (ctx, { question, maxTurns }) => {
    const messages: Message[] = [{ role: 'user', text: question }];
    ctx.on(transcript, () => messages);

    for (let turn = 1; turn <= maxTurns; turn++) {
      const reply = await ctx.run(askModel, messages, { label: `turn ${turn}` });
      messages.push({ role: 'model', ...reply });
      if (reply.calls.length === 0) return { text: reply.text, turns: turn };
      messages.push(...(await ctx.map(reply.calls, (call, _, ctx) => runTool(ctx, call))));
    }
    throw ctx.fail('OutOfTurns', { turns: maxTurns });
  },
);

/** What a tool gave. A failure is an answer too: the model may find another way. */
async function runTool(ctx: WorkflowContext, { id, tool, input }: ToolCall): Promise<Message> {
  const task = tools[tool];
  if (!task)
    return { role: 'tool', id, text: `There is no tool "${tool}"; there are ${Object.keys(tools).join(', ')}.` };
  try {
    return { role: 'tool', id, text: String(await ctx.run(task, input)) };
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    return { role: 'tool', id, text: `It failed: ${error.message}` };
  }
}
