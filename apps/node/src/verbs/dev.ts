import { DevServer, devStore } from '../cli/dev-server.ts';
import { NODE_OPTIONS, readRequest } from '../cli/node-request.ts';
import type { Verb } from '../cli/verb.ts';

/** Who edits does not wait for a body: it is aborted, and runs again in the next build. */
const DRAIN_TIMEOUT = '200ms';

export const verb: Verb = {
  summary: 'Run workflows on this machine, again whenever a file changes.',
  details:
    'Executions are kept in .dfns/dev.db and go on over changes and restarts. Where edited code no longer fits an open ' +
    'execution, that one is held and on a terminal you are asked whether to start it again. What fails is told.',
  arguments: [['[files...]', 'files that export workflows (default: `files` of the config file, or src/workflows.ts)']],
  options: [{ flags: '--memory', help: 'keep executions only until it ends' }, ...NODE_OPTIONS],
  examples: ['dev', 'dev src/*.ts --memory', 'dev src/workflows.tsx --import tsx'],
  async run(given, io) {
    const store = await devStore(io.cwd, given.flag('memory'));
    const request = readRequest(given, io.cwd, io.env, {
      store: store.url,
      drainTimeout: DRAIN_TIMEOUT,
      http: {},
      // A child that hangs is named, ended, and started again.
      onStall: 'kill',
      determinism: 'throw',
    });
    try {
      return await new DevServer(request, store, io).run();
    } finally {
      await store.remove();
    }
  },
};
