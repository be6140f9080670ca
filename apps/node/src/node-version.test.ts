import test from 'ava';
import { nodeVersionProblem } from './node-version.ts';

for (const version of ['22.20.0', '22.20.1', '22.23.3', '23.0.0', '24.21.0', '26.10.0', '100.0.0', '25.0.0-nightly']) {
  test(`Node ${version} will do`, t => t.is(nodeVersionProblem(version), undefined));
}

for (const version of ['0.12.18', '18.20.8', '20.20.2', '22.0.0', '22.9.9', '22.19.9']) {
  test(`Node ${version} is too old, which one line says`, t => {
    t.is(
      nodeVersionProblem(version),
      `dfns needs Node.js 22.20.0 or newer, and this is ${version}: install a newer one from nodejs.org.`,
    );
  });
}

test('a browser has no Node to be too old', t => t.is(nodeVersionProblem(undefined), undefined));
