import test from 'ava';
import { casesOf, file } from '../rule-cases.test.support.ts';
import { noRandom } from './no-random.ts';

const LOADS = [
  "import { generateKeySync, webcrypto } from 'node:crypto';",
  "const { randomUUID: id } = require('crypto');",
  "const c = process.getBuiltinModule('node:crypto');",
  "const d = await import('node:crypto');",
].join('\n');

const cases = casesOf('no-random', noRandom, {
  valid: {
    'the chance of ctx': file('return [ctx.random(), ctx.uuid()];'),
    'other mathematics': file('return Math.max(1, Math.floor(input));'),
    hashes: file("return createHash('sha256');", "import { createHash } from 'node:crypto';"),
    'chance in a step': file("return ctx.step('draw', () => Math.random() + crypto.randomUUID());"),
    'a Math of one’s own': file('return Math.random();', 'const Math = { random: () => 4 };'),
  },
  invalid: {
    'Math.random': { code: file('return Math.random();'), finds: ['random'], fixed: file('return ctx.random();') },
    'crypto.randomUUID, the global one': {
      code: file('return crypto.randomUUID() + globalThis.crypto.randomUUID();'),
      finds: ['random', 'random'],
      fixed: file('return ctx.uuid() + ctx.uuid();'),
    },
    'that of node:crypto': {
      code: file('return [randomUUID(), c.randomBytes(8)];', "import c, { randomUUID } from 'node:crypto';"),
      finds: ['random', 'random'],
      fixed: file('return [ctx.uuid(), c.randomBytes(8)];', "import c, { randomUUID } from 'node:crypto';"),
    },
    'other draws': {
      code: file('return [crypto.getRandomValues(input), Math.random];'),
      finds: ['random', 'random'],
    },
    'packages that make ids': {
      code: file('return [v4(), nanoid()];', "import { v4 } from 'uuid';\nimport { nanoid } from 'nanoid';"),
      finds: ['random', 'random'],
    },
    'webcrypto, keys, and other ways to load node:crypto': {
      code: file(
        'return [webcrypto.randomUUID(), generateKeySync("aes"), id(), c.randomInt(8), d.randomBytes(8)];',
        LOADS,
      ),
      finds: ['random', 'random', 'random', 'random', 'random'],
      fixed: file('return [ctx.uuid(), generateKeySync("aes"), ctx.uuid(), c.randomInt(8), d.randomBytes(8)];', LOADS),
    },
  },
});

for (const [title, run] of cases) test(title, t => t.notThrows(run));
