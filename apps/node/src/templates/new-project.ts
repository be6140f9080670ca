/** The files of `dfns init`, by path. `version` is that of dfns. */
export function newProject(name: string, version: string): ReadonlyMap<string, string> {
  return new Map([
    ['package.json', packageJson(name, version)],
    ['tsconfig.json', TSCONFIG],
    ['.gitignore', 'node_modules\n.dfns\n*.db\n*.db-*\n'],
    ['README.md', readme(name)],
    ['src/workflows.ts', WORKFLOWS],
    ['src/workflows.test.ts', TEST],
  ]);
}

function packageJson(name: string, version: string): string {
  const project = {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    engines: { node: '>=22.20' },
    scripts: {
      dev: 'dfns dev',
      start: 'dfns serve --store sqlite:./app.db',
      // On a Node that is too old the runner would find no tests and be content; dfns says what is wrong.
      pretest: 'node --import dfns -e 0',
      test: 'node --test',
      typecheck: 'tsc',
    },
    dependencies: { dfns: `^${version}`, zod: '^4.0.0' },
    devDependencies: { '@types/node': '^24.0.0', typescript: '^7.0.0' },
  };
  return `${JSON.stringify(project, undefined, 2)}\n`;
}

const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2023",
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "noEmit": true,
    "skipLibCheck": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true
  },
  "include": ["src"]
}
`;

const WORKFLOWS = `import { signal, task, workflow } from 'dfns';
import { z } from 'zod';

export const confirmed = signal('confirmed');

/** What touches the world is a task: it is tried again until it succeeds, and its result is recorded once. */
export const sendEmail = task(
  { name: 'send-email', timeout: '30s' },
  async (email: { to: string; text: string }) => {
    console.log(\`To \${email.to}: \${email.text}\`);
  },
);

/** Asks a new user to confirm an address, up to three times, a day apart. It survives crashes and deploys. */
export const signUp = workflow({ name: 'sign-up', input: z.email(), signals: [confirmed] }, async (ctx, address) => {
  for (let asked = 1; asked <= 3; asked++) {
    await ctx.run(sendEmail, { to: address, text: 'Please confirm your address.' });
    const answer = await ctx.waitForSignal(confirmed, { timeout: '1d', else: 'nothing' });
    if (answer !== 'nothing') return \`confirmed after \${asked}\`;
  }
  return 'gave up';
});
`;

const TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestCluster } from 'dfns/testing';
import { confirmed, signUp } from './workflows.ts';

test('who confirms is not asked again', async t => {
  const cluster = await createTestCluster({ workflows: [signUp] });
  t.after(() => cluster.stop());
  const handle = await cluster.client.start(signUp, 'mia@example.com');
  await handle.signal(confirmed);
  assert.equal(await handle.result(), 'confirmed after 1');
});

test('it gives up after three days, which take no time here', async t => {
  const cluster = await createTestCluster({ workflows: [signUp] });
  t.after(() => cluster.stop());
  assert.equal(await cluster.client.execute(signUp, 'mia@example.com'), 'gave up');
});

test('what is no address is refused where it comes in', async t => {
  const cluster = await createTestCluster({ workflows: [signUp] });
  t.after(() => cluster.stop());
  await assert.rejects(cluster.client.start(signUp, 'mia'), { code: 'VALIDATION' });
});
`;

function readme(name: string): string {
  return `# ${name}

Durable workflows with [dfns](https://www.npmjs.com/package/dfns).

\`\`\`sh
npm install
npm run dev     # runs src/workflows.ts, again whenever a file changes; executions go on
npm test        # the workflow's tests, in virtual time
npm start       # a node, as in production
\`\`\`

With \`npm run dev\` in one terminal, in another:

\`\`\`sh
npx dfns start sign-up --id mia --input '"mia@example.com"'
npx dfns show mia
npx dfns signal mia confirmed
npx dfns result mia
\`\`\`

Workflows are in [src/workflows.ts](src/workflows.ts). The code of a workflow must do the same when it runs again: what
reads clocks, chance, files or the network goes into tasks.
`;
}
