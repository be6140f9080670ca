import type { StartOptions } from '@dfnsjs/actor-core';
import { Absence } from '../cli/absence.ts';
import { readTarget } from '../cli/connection.ts';
import { toJson } from '../cli/json.ts';
import { paintFor, say } from '../cli/terminal.ts';
import { usage, type Verb } from '../cli/verb.ts';
import { readAttribute } from './filter-options.ts';
import { readInput } from './input.ts';
import { showOutcome, waitForEnd } from './outcome.ts';

export const verb: Verb = {
  summary: 'Start an execution of a workflow.',
  details: 'It prints the id once the start is durable; with --wait the result, and exits 4 where there is none.',
  arguments: [['<workflow>', 'name of the workflow']],
  options: [
    { flags: '--input <json>', help: 'its input: JSON, @FILE, or - for standard input' },
    { flags: '--id <id>', help: 'id of the execution (default: one is made)' },
    { flags: '--wait', help: 'wait for the result' },
    {
      flags: '--on-conflict <what>',
      help: 'an open execution has the id: fail (default), use-existing, terminate-existing',
    },
    { flags: '--reuse <when>', help: 'a closed execution has the id: always (default), after-failure, never' },
    { flags: '--attribute <name=value>', help: 'search attribute; may be given several times', many: true },
    { flags: '--header <name=value>', help: 'travels with the execution; may be given several times', many: true },
    { flags: '--workflow-version <n>', help: 'version of the workflow (default: the highest)' },
    { flags: '--idempotency-key <key>', help: 'the same start again with this key is answered as the first' },
    { flags: '--json', help: 'the answer as JSON' },
  ],
  connects: true,
  examples: [
    `start order --input '{"item":"book"}' --id order-17`,
    'start order --input @order.json --wait',
    'start order --input - < order.json',
  ],
  async run(given, io) {
    const workflow = given.argument(0);
    const input = await readInput(given.text('input'), '--input', io);
    const client = await io.connect(await readTarget(given, io));
    const attributes = given.many('attribute');
    const headers = given.many('header');
    const options: StartOptions = {
      id: given.text('id'),
      onConflict: given.text('onConflict') as StartOptions['onConflict'],
      reuse: given.text('reuse') as StartOptions['reuse'],
      version: given.number('workflowVersion'),
      idempotencyKey: given.text('idempotencyKey'),
      ...(attributes.length > 0 ? { attributes: Object.fromEntries(attributes.map(readAttribute)) } : {}),
      ...(headers.length > 0 ? { headers: Object.fromEntries(headers.map(readHeader)) } : {}),
    };
    const call = { ...options, abortSignal: io.interrupted };
    const handle = await client.start(workflow, input, call as never);
    const { id, runId, existing } = handle;
    if (given.flag('wait')) {
      return showOutcome(await waitForEnd(client, handle, io, new Absence(io, true)), given.flag('json'), io);
    }
    if (given.flag('json')) say(io, toJson({ id, runId, workflow, existing }));
    else say(io, existing ? `${id} ${paintFor(io.stdout, io.env)('dim', '(it was there already)')}` : id);
    return 0;
  },
};

function readHeader(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw usage(`--header must be such as tenant=acme, got "${text}".`);
  return [text.slice(0, at), text.slice(at + 1)];
}
