import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { paintFor, say } from '../cli/terminal.ts';
import { usage, type Verb } from '../cli/verb.ts';
import { newProject } from '../templates/new-project.ts';

export const verb: Verb = {
  summary: 'Make a new project: one workflow, one test, scripts.',
  details: 'Nothing that is there is written over.',
  arguments: [['[dir]', 'where (default: here)']],
  examples: ['init my-app', 'init'],
  async run(given, io) {
    const folder = resolve(io.cwd, given.optionalArgument(0) ?? '.');
    const files = newProject(nameOf(folder), versionOfDfns());
    const there = [...files.keys()].filter(file => existsSync(join(folder, file)));
    if (there.length > 0) {
      throw usage(`${relative(io.cwd, folder) || 'This folder'} has ${there.join(', ')}: choose an empty folder.`);
    }
    for (const [file, text] of files) {
      const path = join(folder, file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text, { flag: 'wx' });
    }
    const paint = paintFor(io.stdout, io.env);
    const shown = relative(io.cwd, folder);
    say(io, `${paint('green', 'made')} ${shown || 'a project here'}`);
    for (const file of files.keys()) say(io, paint('dim', `  ${file}`));
    say(io, '\nNext:');
    if (shown) say(io, `  cd ${/^[\w./-]+$/.test(shown) ? shown : JSON.stringify(shown)}`);
    say(io, '  npm install\n  npm test\n  npm run dev');
  },
};

/** A name that npm takes. */
function nameOf(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 200);
  return name === '' || name === 'dfns' ? 'my-app' : name;
}

function versionOfDfns(): string {
  const text = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
