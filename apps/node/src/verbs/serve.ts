import { NODE_OPTIONS, readRequest } from '../cli/node-request.ts';
import { serve } from '../cli/serve.ts';
import type { Verb } from '../cli/verb.ts';

export const verb: Verb = {
  summary: 'Run a node.',
  details:
    'It registers every workflow and task that the files export. SIGTERM drains it: not ready at once, it serves for ten ' +
    'seconds more, so that balancers look elsewhere (http.shutdownDelay, DFNS_HTTP_SHUTDOWN_DELAY), then tasks in hand ' +
    'end. Executions go on where they are when a node is started on the store again. A second signal ends it now.',
  arguments: [['[files...]', 'files that export workflows (default: `files` of the config file, or src/workflows.ts)']],
  options: NODE_OPTIONS,
  examples: ['serve src/workflows.ts --store sqlite:./app.db', 'serve --config prod.config.ts'],
  run: async (given, io) =>
    serve(readRequest(given, io.cwd, io.env, { http: { shutdownDelay: '10s' }, onStall: 'kill' }), io),
};
