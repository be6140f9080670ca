import { startNode } from 'dfns';
import { agent, transcript } from './agent.ts';

/** node examples/agent/main.ts: asks one question, and shows how the agent came to its answer. */
const node = await startNode({ workflows: [agent], store: 'memory:', log: 'error' });
const handle = await node.client.start(agent, { question: 'How many hours has a leap year?' });
const { text, turns } = await handle.result();

for (const message of await handle.query(transcript)) {
  const calls = 'calls' in message ? message.calls.map(({ tool, input }) => ` ${tool}(${JSON.stringify(input)})`) : [];
  console.log(`${message.role.padEnd(5)}  ${message.text}${calls.join(',')}`);
}
for await (const { type, name, attempt } of handle.history()) {
  if (type === 'task-failed') console.log(`(attempt ${attempt} of ${name} failed, and was made again)`);
}
console.log(`${turns} turns: ${text}`);
await node.stop();
