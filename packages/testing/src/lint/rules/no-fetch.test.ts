import test from 'ava';
import { casesOf, file } from '../rule-cases.test.support.ts';
import { noFetch } from './no-fetch.ts';

const cases = casesOf('no-fetch', noFetch, {
  valid: {
    'the world in a step and a task': file(
      "await ctx.step('get', () => fetch(input.url));",
      "import { readFile } from 'node:fs/promises';\nconst read = task({ name: 'read' }, path => readFile(path, process.env.ENCODING));",
    ),
    'a module that touches nothing': file("return join('a', 'b');", "import { join } from 'node:path';"),
    'a fetch of one’s own': file('return fetch(input);', 'const fetch = x => x;'),
    'what other rules speak of': file('return process.hrtime();'),
    'a type of such a module': file('return input as Stats;', "import type { Stats } from 'node:fs';"),
  },
  invalid: {
    'fetch and sockets': {
      code: file('await fetch(input.url); new WebSocket(input.url); globalThis.fetch(input.url);'),
      finds: ['io', 'io', 'io'],
    },
    'modules of the world': {
      code: file(
        "await readFile('x'); fs.statSync('x'); exec('ls'); https.get('x');",
        "import { readFile } from 'node:fs/promises';\nimport * as fs from 'fs';\nimport { exec } from 'node:child_process';\nimport https from 'node:https';",
      ),
      finds: ['io', 'io', 'io', 'io'],
    },
    'the environment': { code: file('return [process.env.REGION, process.argv];'), finds: ['process', 'process'] },
    'in a helper that is handed over by name': {
      code: file('return ctx.map(input, get);', 'const get = async url => (await fetch(url)).status;'),
      finds: ['io'],
    },
    'what node:process has by name': {
      code: file('return [env.HOME, process.cwd()];', "import process, { env } from 'node:process';"),
      finds: ['process', 'process'],
    },
  },
});

for (const [title, run] of cases) test(title, t => t.notThrows(run));
