import { runProgram } from '../../../apps/node/dist/program.js';
import { GROUPS } from '../../../apps/node/dist/verbs/table.js';
import { block, page } from './markdown.ts';

/** Help of the command and of each verb, as a terminal of 80 columns shows it. */
export async function commandPage(): Promise<string> {
  const verbs = GROUPS.flatMap(group => group.verbs);
  const sections = [];
  for (const verb of verbs) sections.push(`## dfns ${verb}`, block('text', await help(verb)));
  return page('The command', [
    'What `dfns --help` and `dfns VERB --help` say.',
    block('text', await help()),
    ...sections,
  ]);
}

async function help(...args: readonly string[]): Promise<string> {
  let text = '';
  const output = { write: (part: string) => void (text += part) };
  const code = await runProgram([...args, '--help'], {
    stdout: output,
    stderr: output,
    readStdin: () => Promise.resolve(''),
    env: { NO_COLOR: '1' },
    cwd: '/',
    interrupted: new AbortController().signal,
    connect: () => {
      throw new Error('Help asks no node.');
    },
  });
  if (code !== 0) throw new Error(`dfns ${args.join(' ')} --help ended with ${code}: ${text}`);
  return text.trimEnd();
}
