import { nodeTable } from '../cli/cluster-table.ts';
import { readTarget } from '../cli/connection.ts';
import { toJson } from '../cli/json.ts';
import { say } from '../cli/terminal.ts';
import type { Verb } from '../cli/verb.ts';

export const verb: Verb = {
  summary: 'Show the nodes that share the store, and how its shards are spread.',
  details:
    'The node that answers is marked with *. Its numbers are those of now, those of the others of their last renewal. ' +
    'Shards that are moving have their place at another node than the one that has them.',
  options: [{ flags: '--json', help: 'the answer as JSON' }],
  connects: true,
  examples: ['cluster', 'cluster --json | jq .shards'],
  async run(given, io) {
    const client = await io.connect(await readTarget(given, io));
    const cluster = await client.cluster({ abortSignal: io.interrupted });
    if (given.flag('json')) return say(io, toJson(cluster));
    const { total, owned, moving } = cluster.shards;
    say(io, nodeTable(cluster, io));
    say(io, `\n${owned} of ${total} shards owned, ${moving} moving`);
  },
};
