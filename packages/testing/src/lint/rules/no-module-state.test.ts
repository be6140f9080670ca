import test from 'ava';
import { casesOf, file } from '../rule-cases.test.support.ts';
import { noModuleState } from './no-module-state.ts';

const cases = casesOf('no-module-state', noModuleState, {
  valid: {
    'state of the function': file('let n = 0; n++; const seen = new Set(); seen.add(n); return [n];'),
    'constants of the module': file('return rates.get(input) + limit;', 'const rates = new Map();\nconst limit = 3;'),
    'a method of something else': file('input.list.push(1); client.set(1);', "import { client } from './client.js';"),
    'state in a step': file("await ctx.step('count', () => { count++; });", 'let count = 0;'),
    'state that other code changes': file('return 1;', 'let count = 0;\nexport const next = () => ++count;'),
    'a copy that is sorted': file('return list.toSorted();', 'const list = [2, 1];'),
  },
  invalid: {
    'a counter': {
      code: file('count++; count = 5; count += 1;', 'let count = 0;'),
      finds: ['state', 'state', 'state'],
    },
    collections: {
      code: file(
        'seen.add(input); list.push(input); cache.byId.set(1, input); list[0] = 1; delete cache.byId;',
        'const seen = new Set();\nconst list = [];\nconst cache = { byId: new Map() };',
      ),
      finds: ['state', 'state', 'state', 'state', 'state'],
    },
    'what is imported': {
      code: file('config.debug = true;', "import { config } from './config.js';"),
      finds: ['state'],
    },
    globalThis: { code: file('globalThis.count = 1;'), finds: ['state'] },
    'by destructuring': { code: file('[last] = input;', 'let last;'), finds: ['state'] },
    'with the assertions of TypeScript': {
      code: file('state!.count = 1; (state as any).count++;', 'const state = {};'),
      finds: ['state', 'state'],
    },
  },
});

for (const [title, run] of cases) test(title, t => t.notThrows(run));
