import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** Where a project that is tried from a clone has dfns. */
const FOLDER = 'dfns';

/** A tarball as npm would publish it. */
export interface Packed {
  readonly name: string;
  readonly file: string;
}

/** Packs every package into a folder. They must be built. */
export function pack(folder: string, env: NodeJS.ProcessEnv = process.env): readonly Packed[] {
  mkdirSync(folder, { recursive: true });
  const workspaces = ['packages', 'apps'].flatMap(group =>
    readdirSync(join(ROOT, group)).flatMap(name => ['-w', `${group}/${name}`]),
  );
  const args = ['pack', ...workspaces, '--pack-destination', folder, '--ignore-scripts', '--json'];
  const said = execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env });
  // npm 11 tells a list, npm 12 a record by name.
  const told = Object.values(JSON.parse(said) as Record<string, { name: string; filename: string }>);
  return told.map(({ name, filename }) => ({ name, file: join(folder, filename) }));
}

/**
 * Makes a project by `dfns init` whose dfns is this clone, packed: it installs without dfns being in a registry. The
 * packages lie in the project, so that it may be moved.
 */
export function newProject(folder: string, env: NodeJS.ProcessEnv = process.env): readonly Packed[] {
  // Where `npm run` was typed: what init says to type next starts from there.
  const cwd = env['INIT_CWD'] ?? process.cwd();
  execFileSync(process.execPath, [join(ROOT, 'packages/dfns/bin/dfns.js'), 'init', folder], {
    stdio: 'inherit',
    ...{ cwd, env },
  });
  const packed = pack(join(folder, FOLDER), env);
  const path = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { dependencies: Record<string, string> };
  const files = packed.map(({ name, file }) => [name, `file:${FOLDER}/${file.slice(join(folder, FOLDER).length + 1)}`]);
  const changed = {
    ...manifest,
    dependencies: { ...manifest.dependencies, ...(Object.fromEntries(files) as Record<string, string>) },
    // Where they depend on each other too: npm would look for those in a registry.
    overrides: Object.fromEntries(packed.map(({ name }) => [name, `$${name}`])),
  };
  writeFileSync(path, `${JSON.stringify(changed, undefined, 2)}\n`);
  return packed;
}
