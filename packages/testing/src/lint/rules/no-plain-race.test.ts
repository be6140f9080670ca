import test from 'ava';
import { casesOf, file } from '../rule-cases.test.support.ts';
import { noPlainRace } from './no-plain-race.ts';

const cases = casesOf('no-plain-race', noPlainRace, {
  valid: {
    'the race of ctx': file('return ctx.race({ a: c => c.run(a), b: c => c.sleep(5) });'),
    'a race of other promises': file('return Promise.race([input.a, input.b]);'),
    'waits for all': file('return Promise.all([ctx.run(a), ctx.run(b)]);'),
    'a race in a step': file("return ctx.step('first', () => Promise.race([get(1), get(2)]));", 'const get = x => x;'),
  },
  invalid: {
    'of calls': { code: file('return Promise.race([ctx.run(a), ctx.sleep(5)]);'), finds: ['race'] },
    'of promises that were kept': {
      code: file('const late = ctx.sleep(5);\nreturn Promise.any([input, late]);'),
      finds: ['race'],
    },
    'of a list that is made': { code: file('return Promise.race(input.map(x => ctx.run(x)));'), finds: ['race'] },
  },
});

for (const [title, run] of cases) test(title, t => t.notThrows(run));
