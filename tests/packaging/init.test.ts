import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';
import { nodeVersionProblem } from '@dfnsjs/node/node-version';

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
  const app = join(scratch, 'app');
  // As the README says it.
  npm(ROOT, 'run', 'try', app);
  const { dependencies } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  // Published, it asks for no more than these.
  t.deepEqual(
    Object.keys(dependencies).filter(name => !name.startsWith('@dfnsjs/')),
    ['dfns', 'zod'],
  );
  const tarballs = join(app, 'dfns');
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

  npm(app, 'install', '--prefer-offline', '--no-audit', '--no-fund');
  t.regex(npm(app, 'test'), /pass 3\n[^]*fail 0\n/);
  // On a Node that is too old the runner would find no tests, and be content.
  const age = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })";
  const options = `--import=data:text/javascript,${encodeURIComponent(age)}`;
  const old = spawnSync('npm', ['test'], {
    ...{ cwd: app, encoding: 'utf8' },
    env: { ...environment(), NODE_OPTIONS: options },
  });
  t.is(old.status, 1);
  t.is(old.stderr, `${nodeVersionProblem('20.19.0')}\n`);
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
