import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');

// Outside the repository: what is found here came out of the tarballs.
const scratch = mkdtempSync(join(tmpdir(), 'dfns-packaging-'));
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

const npm = (cwd: string, ...args: string[]) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: environment() });

/** Without what npm and the tests of this repository tell their children. */
function environment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^npm_|^NODE_(?!EXTRA_CA_CERTS)|^AVA_|^DFNS_|^INIT_CWD$/i.test(name),
  );
  return Object.fromEntries(entries);
}

test('a project of dfns init installs from the packed packages, tests, checks and runs', async t => {
  t.timeout(600_000);
  const tarballs = join(scratch, 'tarballs');
  execFileSync('mkdir', [tarballs]);
  const folders = ['packages', 'apps'].flatMap(group => readdirSync(join(ROOT, group)).map(name => `${group}/${name}`));
  npm(ROOT, 'pack', ...folders.flatMap(name => ['-w', name]), '--pack-destination', tarballs, '--ignore-scripts');
  const packed = readdirSync(tarballs);
  for (const name of packed) {
    const files = execFileSync('tar', ['-tzf', join(tarballs, name)], { encoding: 'utf8' })
      .trim()
      .split('\n');
    t.true(
      files.every(file => /^package\/(dist\/|bin\/|README\.md$|package\.json$|LICENSE$)/.test(file)),
      name,
    );
    t.deepEqual(
      files.filter(file => /\.test\.|\.tsbuildinfo|test\.support/.test(file)),
      [],
      name,
    );
  }

  execFileSync(process.execPath, [join(ROOT, 'packages/dfns/bin/dfns.js'), 'init', 'app'], { cwd: scratch });
  const app = join(scratch, 'app');
  const manifest = join(app, 'package.json');
  const project = JSON.parse(readFileSync(manifest, 'utf8')) as {
    dependencies: Record<string, string>;
    overrides?: Record<string, string>;
  };
  // Until they are published, the packages come from here; the project asks for no more than `dfns` itself.
  t.deepEqual(Object.keys(project.dependencies), ['dfns']);
  for (const name of packed) {
    const { name: own } = JSON.parse(
      execFileSync('tar', ['-xzOf', join(tarballs, name), 'package/package.json'], { encoding: 'utf8' }),
    ) as { name: string };
    project.dependencies[own] = `file:${join(tarballs, name)}`;
  }
  // Where they depend on each other too: npm may otherwise look for those in a registry.
  project.overrides = Object.fromEntries(Object.keys(project.dependencies).map(name => [name, `$${name}`]));
  writeFileSync(manifest, JSON.stringify(project));
  npm(app, 'install', '--prefer-offline', '--no-audit', '--no-fund');
  t.regex(npm(app, 'test'), /pass 2\n[^]*fail 0\n/);
  npm(app, 'run', 'typecheck');

  const dev = spawn(join(app, 'node_modules/.bin/dfns'), ['dev', '--memory'], { cwd: app, env: environment() });
  t.teardown(() => dev.kill('SIGKILL'));
  let said = '';
  for (const stream of [dev.stdout, dev.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
  while (!/ready in/.test(said) || !/sign-up, send-email \(task\)/.test(said)) {
    if (dev.exitCode !== null) t.fail(said);
    await pause(50);
  }
  const ended = new Promise(resolve => dev.once('close', resolve));
  dev.kill('SIGINT');
  t.is(await ended, 0, said);
});
