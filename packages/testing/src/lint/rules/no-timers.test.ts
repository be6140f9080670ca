import test from 'ava';
import { casesOf, file } from '../rule-cases.test.support.ts';
import { noTimers } from './no-timers.ts';

const cases = casesOf('no-timers', noTimers, {
  valid: {
    'the sleep of ctx': file("await ctx.sleep('1h');"),
    'timers in a step': file("await ctx.step('wait', () => new Promise(done => setTimeout(done, 5)));"),
    'a setTimeout of one’s own': file('setTimeout(1);', 'function setTimeout(ms) { return ms; }'),
    'timers outside of workflows': file('return 1;', 'setInterval(() => console.log(1), 1000);'),
  },
  invalid: {
    'setTimeout as a promise': {
      code: file('await new Promise(done => setTimeout(done, 5));'),
      finds: ['timer'],
    },
    'the others': {
      code: file('setInterval(() => 1, 5); setImmediate(() => 1); process.nextTick(() => 1); AbortSignal.timeout(5);'),
      finds: ['timer', 'timer', 'timer', 'timer'],
    },
    'those of globalThis and of modules': {
      code: file(
        'globalThis.setTimeout(() => 1, 5); await wait(5); timers.setInterval(() => 1, 5);',
        "import { setTimeout as wait } from 'node:timers/promises';\nimport * as timers from 'timers';",
      ),
      finds: ['timer', 'timer', 'timer'],
    },
    'nextTick of node:process': {
      code: file('nextTick(() => 1);', "import { nextTick } from 'node:process';"),
      finds: ['timer'],
    },
  },
});

for (const [title, run] of cases) test(title, t => t.notThrows(run));
