import { writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { replayEach } from '@dfnsjs/testing';
import { EXIT } from '../cli/exit-code.ts';
import { toJson } from '../cli/json.ts';
import { junit } from '../cli/junit.ts';
import { lint, type Finding } from '../cli/lint.ts';
import { readRequest } from '../cli/node-request.ts';
import { readSettings } from '../cli/node-settings.ts';
import { paintFor, printable, say } from '../cli/terminal.ts';
import { filesOrDefault } from '../cli/user-files.ts';
import { usage, type Verb } from '../cli/verb.ts';
import { loadFiles } from '../user-code/load.ts';

export const verb: Verb = {
  summary: 'Check workflows before they are deployed.',
  details:
    'It loads the files (two of one name are refused), lints them by the rules of dfns/lint with the ESLint of the ' +
    'project, and with --histories replays recorded histories: which executions would break, and where. Exits 1 if any.',
  arguments: [['[files...]', 'files that export workflows (default: `files` of the config file, or src/workflows.ts)']],
  options: [
    { flags: '--histories <dir>', help: 'folder of recorded histories' },
    { flags: '--no-lint', help: 'do not lint' },
    { flags: '--junit <file>', help: 'write a JUnit report too' },
    {
      flags: '--import <module>',
      help: 'a loader such as tsx, imported first; may be given several times',
      many: true,
    },
    { flags: '--config <file>', help: 'instead of dfns.config.{ts,js,json} (DFNS_CONFIG)' },
    { flags: '--json', help: 'one JSON object a finding and line' },
  ],
  examples: ['check', 'check src/*.ts --histories test/histories --junit report.xml'],
  async run(given, io) {
    const settings = await readSettings(readRequest(given, io.cwd, io.env, {}), io.env);
    const files = await filesOrDefault(settings.files, io.cwd);
    const code = await loadFiles(files, { folder: io.cwd, imports: settings.imports });
    const linted = given.flag('lint') ? await lint(code.files, io.cwd) : { findings: [] };
    const findings: Finding[] = [...linted.findings];
    const folder = given.text('histories');
    if (folder !== undefined) {
      const before = findings.length;
      for await (const result of replayEach(resolve(io.cwd, folder), code.workflows)) {
        const place = relative(io.cwd, result.file);
        const message = result.ok ? [`${result.turns} turns`, ...result.warnings].join('; ') : result.error.message;
        findings.push({ kind: 'history', place, ok: result.ok, message });
      }
      if (findings.length === before)
        throw usage(`There are no histories in ${folder}: dfns history ID --export > FILE.`);
    }
    const report = given.text('junit');
    if (report !== undefined) await writeFile(resolve(io.cwd, report), junit(findings));
    const failed = findings.filter(({ ok }) => !ok).length;
    const paint = paintFor(io.stdout, io.env);
    for (const finding of findings) {
      const { ok, place, message } = finding;
      const mark = ok ? paint('green', '✓') : paint('red', '✗');
      say(io, given.flag('json') ? toJson(finding) : `${mark} ${printable(place)}  ${printable(message)}`);
    }
    if ('skipped' in linted && linted.skipped) io.stderr.write(`not linted: ${linted.skipped}\n`);
    if (!given.flag('json')) {
      const names = `${counted(code.workflows.length, 'workflow')}, ${counted(code.tasks.length, 'task')}`;
      say(io, failed > 0 ? paint('red', `${failed} of ${findings.length} checks failed`) : `${names}, all well`);
    }
    return failed > 0 ? EXIT.failed : EXIT.done;
  },
};

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
