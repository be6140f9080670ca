import { NODE_OPTIONS, readRequest } from '../cli/node-request.ts';
import { serve } from '../cli/serve.ts';
import { usage, type Verb } from '../cli/verb.ts';

/** Beyond the cores of a machine they only take turns. */
const MAX_PROCESSES = 256;

export const verb: Verb = {
  summary: 'Run a node.',
  details:
    'It registers every workflow and task that the files export. SIGTERM drains it: not ready at once, it serves for ten ' +
    'seconds more, so that balancers look elsewhere (http.shutdownDelay, DFNS_HTTP_SHUTDOWN_DELAY), then tasks in hand ' +
    'end. Executions go on where they are when a node is started on the store again. A second signal ends it now. ' +
    'With --processes several nodes run here, one a process, behind one port; one that dies is started again alone.',
  arguments: [['[files...]', 'files that export workflows (default: `files` of the config file, or src/workflows.ts)']],
  options: [
    ...NODE_OPTIONS,
    { flags: '--processes <n>', help: 'so many nodes, one a process; needs a store that nodes share, and --transport' },
  ],
  examples: [
    'serve src/workflows.ts --store sqlite:./app.db',
    'serve --config prod.config.ts',
    'serve --store postgres://db/app --transport nats://nats:4222 --processes 4',
  ],
  async run(given, io) {
    const processes = given.number('processes') ?? 1;
    if (processes < 1 || processes > MAX_PROCESSES) throw usage(`--processes must be 1 to ${MAX_PROCESSES}.`);
    return serve(
      readRequest(given, io.cwd, io.env, { http: { shutdownDelay: '10s' }, onStall: 'kill' }),
      io,
      processes,
    );
  },
};
