import type { Client, ClusterMember } from '@dfnsjs/client';
import { nodeTable } from '../cli/cluster-table.ts';
import { readTarget } from '../cli/connection.ts';
import type { Io } from '../cli/io.ts';
import { toJson } from '../cli/json.ts';
import { printable, say } from '../cli/terminal.ts';
import { usage, type Verb } from '../cli/verb.ts';

interface Action {
  /** Of what comes of it. */
  readonly said: string;
  ask(client: Client, id: string, io: Io): Promise<ClusterMember>;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  drain: {
    said: 'gives its shards to the others; `dfns cluster` tells how many it still has',
    ask: (client, id, { interrupted }) => client.drainNode(id, { abortSignal: interrupted }),
  },
  cordon: {
    said: 'keeps the shards it has, and takes no more',
    ask: (client, id, { interrupted }) => client.cordonNode(id, { abortSignal: interrupted }),
  },
  uncordon: {
    said: 'takes shards again',
    ask: (client, id, { interrupted }) => client.uncordonNode(id, { abortSignal: interrupted }),
  },
};

export const verb: Verb = {
  summary: 'List the nodes, or say which shards one is to have.',
  details:
    'drain gives all its shards to the others, cordon lets it keep those it has and take no more, uncordon takes either ' +
    'back. It holds until the process of that node ends; the node answers for every execution all the while.',
  arguments: [
    ['<action>', 'list, drain, cordon or uncordon'],
    ['[node]', 'id or address of a node'],
  ],
  options: [{ flags: '--json', help: 'the answer as JSON, one object a line' }],
  connects: true,
  examples: ['node list', 'node drain app-1:3367', 'node uncordon app-1:3367'],
  async run(given, io) {
    const name = given.argument(0);
    const id = given.optionalArgument(1);
    const json = given.flag('json');
    if (name === 'list') {
      if (id !== undefined) throw usage('`dfns node list` takes no node: it lists all.');
      const client = await io.connect(await readTarget(given, io));
      const cluster = await client.cluster({ abortSignal: io.interrupted });
      if (!json) return say(io, nodeTable(cluster, io));
      for (const node of cluster.nodes) say(io, toJson(node));
      return;
    }
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!action) throw usage(`There is no action "${name}" of a node: it is list, ${Object.keys(ACTIONS).join(', ')}.`);
    if (id === undefined) throw usage(`Say which node to ${name}, by id or address: \`dfns node list\` shows them.`);
    const client = await io.connect(await readTarget(given, io));
    const node = await action.ask(client, id, io);
    say(io, json ? toJson(node) : `${printable(node.address)} ${action.said}`);
  },
};
