import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import test from 'ava';
import { nodeVersionProblem } from '@dfnsjs/node/node-version';

const ROOT = join(import.meta.dirname, '../..');
const ENTRIES = ['dfns', '@dfnsjs/node'];

function load(node: string, entry: string, options: string[] = []) {
  const program = `import('${entry}').then(() => console.log('loaded'))`;
  const { status, stdout, stderr } = spawnSync(node, [...options, '-e', program], { cwd: ROOT, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** Nodes of the machine that are too old, wherever PATH has one. */
const oldNodes = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter(folder => folder !== '' && !folder.includes('node_modules'))
  .map(folder => join(folder, 'node'))
  .filter(node => existsSync(node))
  .map(node => ({
    node,
    version: spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim(),
  }))
  .filter(({ version }) => version !== '' && nodeVersionProblem(version) !== undefined);

for (const entry of ENTRIES) {
  test(`${entry} loads on this Node`, t => {
    t.deepEqual(load(process.execPath, entry), { status: 0, stdout: 'loaded\n', stderr: '' });
  });

  test(`${entry} says one line on a Node that calls itself too old`, t => {
    const age = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.19.0' } })";
    const options = ['--import', `data:text/javascript,${encodeURIComponent(age)}`];
    t.deepEqual(load(process.execPath, entry, options), {
      status: 1,
      stdout: '',
      stderr: `${nodeVersionProblem('22.19.0')}\n`,
    });
  });

  for (const { node, version } of oldNodes.slice(0, 1)) {
    test(`${entry} says one line on Node ${version}`, t => {
      t.deepEqual(load(node, entry), { status: 1, stdout: '', stderr: `${nodeVersionProblem(version)}\n` });
    });
  }
}
