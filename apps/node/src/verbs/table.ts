import type { Verb } from '../cli/verb.ts';

export interface Entry {
  readonly summary: string;
  /** Its own file is read only when it is asked for: `dfns list` must not pay for `dfns dev`. */
  load(): Promise<Verb>;
}

const entry = (load: () => Promise<{ verb: Verb }>, summary: string): Entry => ({
  summary,
  load: async () => (await load()).verb,
});

export const VERBS = {
  init: entry(() => import('./init.ts'), 'make a new project'),
  dev: entry(() => import('./dev.ts'), 'run workflows on this machine, again whenever a file changes'),
  serve: entry(() => import('./serve.ts'), 'run a node'),
  start: entry(() => import('./start.ts'), 'start an execution'),
  list: entry(() => import('./list.ts'), 'list executions'),
  count: entry(() => import('./count.ts'), 'count executions'),
  show: entry(() => import('./show.ts'), 'show an execution'),
  history: entry(() => import('./history.ts'), 'show what happened in an execution'),
  result: entry(() => import('./result.ts'), 'show what an execution came to'),
  watch: entry(() => import('./watch.ts'), 'follow an execution until it ends'),
  tail: entry(() => import('./tail.ts'), 'follow executions as they start and end'),
  signal: entry(() => import('./signal.ts'), 'send a signal'),
  query: entry(() => import('./query.ts'), 'ask a query'),
  update: entry(() => import('./update.ts'), 'send an update and wait for its answer'),
  cancel: entry(() => import('./cancel.ts'), 'ask an execution to stop and clean up'),
  terminate: entry(() => import('./terminate.ts'), 'end an execution at once'),
  delete: entry(() => import('./delete.ts'), 'delete executions that have ended'),
  retry: entry(() => import('./retry.ts'), 'let an execution go on from where it stopped'),
  task: entry(() => import('./task.ts'), 'act on a task that an execution waits for'),
  cluster: entry(() => import('./cluster.ts'), 'show the nodes and how the shards are spread'),
  node: entry(() => import('./node.ts'), 'list nodes; drain or cordon one'),
  replay: entry(() => import('./replay.ts'), "run a recorded history against today's code"),
  check: entry(() => import('./check.ts'), 'check workflows before they are deployed'),
  bench: entry(() => import('./bench.ts'), 'measure throughput and latency on a store'),
  migrate: entry(() => import('./migrate.ts'), 'bring a store that nodes share to the schema of this build'),
  config: entry(() => import('./config.ts'), 'show the options in force, and where each comes from'),
} satisfies Readonly<Record<string, Entry>>;

export type VerbName = keyof typeof VERBS;

/** In the order of help. */
export const GROUPS: readonly { readonly title: string; readonly verbs: readonly VerbName[] }[] = [
  { title: 'Run', verbs: ['init', 'dev', 'serve'] },
  { title: 'Look', verbs: ['list', 'count', 'show', 'history', 'result', 'watch', 'tail'] },
  { title: 'Talk', verbs: ['start', 'signal', 'query', 'update'] },
  { title: 'Act', verbs: ['cancel', 'terminate', 'retry', 'delete', 'task'] },
  { title: 'Operate', verbs: ['cluster', 'node'] },
  { title: 'Code', verbs: ['check', 'replay'] },
  { title: 'Setup', verbs: ['config', 'migrate', 'bench'] },
];
