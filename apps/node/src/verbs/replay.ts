import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { replay } from '@dfnsjs/testing';
import { readTarget } from '../cli/connection.ts';
import { awaitDebugger, breakIn, INSPECTOR_PORT } from '../cli/debugger.ts';
import { EXIT } from '../cli/exit-code.ts';
import { toJson } from '../cli/json.ts';
import { readRequest } from '../cli/node-request.ts';
import { readSettings } from '../cli/node-settings.ts';
import { paintFor, printable, say } from '../cli/terminal.ts';
import { filesOrDefault } from '../cli/user-files.ts';
import type { Verb } from '../cli/verb.ts';
import { loadFiles } from '../user-code/load.ts';

export const verb: Verb = {
  summary: "Run a recorded history against today's code.",
  details:
    'No task runs and nothing is waited for. It says whether the execution could go on with this code, and if not, at ' +
    'which turn and line they part; exits 1 then.',
  arguments: [
    ['<id>', 'id of an execution, or a file of `dfns history ID --export`'],
    ['[files...]', 'files that export workflows (default: `files` of the config file, or src/workflows.ts)'],
  ],
  options: [
    { flags: '--run <runId>', help: 'an earlier run (default: the newest)' },
    {
      flags: '--inspect-brk [=port]',
      help: `wait for a debugger (default port ${INSPECTOR_PORT}), and stop at the first line of the workflow`,
    },
    {
      flags: '--import <module>',
      help: 'a loader such as tsx, imported first; may be given several times',
      many: true,
    },
    { flags: '--config <file>', help: 'instead of dfns.config.{ts,js,json} (DFNS_CONFIG)' },
    { flags: '--json', help: 'what was found as JSON' },
  ],
  connects: true,
  examples: ['replay order-17', 'replay histories/order-17.json src/workflows.ts --inspect-brk'],
  async run(given, io) {
    const what = given.argument(0);
    const request = { ...readRequest(given, io.cwd, io.env, {}), files: given.rest(1) };
    const settings = await readSettings(request, io.env);
    const files = await filesOrDefault(settings.files, io.cwd);
    const path = resolve(io.cwd, what);
    const isFile = (await stat(path).catch(() => undefined))?.isFile() === true;
    const history = isFile
      ? path
      : await (
          await io.connect(await readTarget(given, io))
        )
          .get(what)
          .exportHistory({ runId: given.text('run'), abortSignal: io.interrupted });
    const port = given.text('inspectBrk') === '' ? INSPECTOR_PORT : given.number('inspectBrk');
    if (port !== undefined) awaitDebugger(port);
    const { workflows } = await loadFiles(files, { folder: io.cwd, imports: settings.imports });
    if (port !== undefined) breakIn(workflows.map(({ run }) => run));
    const result = await replay(history, workflows);
    const paint = paintFor(io.stdout, io.env);
    if (given.flag('json')) {
      say(io, toJson(result));
    } else if (result.ok) {
      say(
        io,
        `${paint('green', '✓')} ${printable(result.id)} (${result.workflow}): ${result.turns} turns go with this code`,
      );
      for (const warning of result.warnings) say(io, `  ${paint('yellow', printable(warning))}`);
    } else {
      const name = result.id ?? relative(io.cwd, path);
      say(io, `${paint('red', '✗')} ${printable(name)} cannot go on with this code`);
      say(io, `  ${printable(result.error.message)}`);
    }
    return result.ok ? EXIT.done : EXIT.failed;
  },
};
