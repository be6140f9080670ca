import test from 'ava';
import { casesOf, file } from '../rule-cases.test.support.ts';
import { noOuterCtx } from './no-outer-ctx.ts';

const cases = casesOf('no-outer-ctx', noOuterCtx, {
  valid: {
    'the ctx that each is handed': file(
      'await ctx.scope(c => c.run(a));\nawait ctx.race({ a: c => c.run(a), b: c => c.sleep(5) });\nreturn ctx.map(input, (x, i, c) => c.run(x));',
    ),
    'the same name again': file('return ctx.scope(ctx => ctx.run(a));'),
    'what belongs to no scope': file('return ctx.scope(c => c.run(a, [ctx.now(), ctx.uuid(), ctx.info.runId]));'),
    'promises that gather is given': file('return ctx.gather([ctx.run(a), c => c.run(b)]);'),
    'callbacks of others': file('return Promise.all(input.map(x => ctx.run(x)));'),
    'the scope that is cancelled from within': file(
      'return ctx.scope(outer => outer.scope(async inner => { await inner.sleep(5); outer.cancel(); }));',
    ),
    'a compensation with its ctx': file('await ctx.saga(c => c.run(a, 1, { compensate: (done, c) => c.run(b) }));'),
  },
  invalid: {
    'in a scope': {
      code: file('return ctx.scope(c => ctx.run(a));'),
      finds: ['outer'],
      suggested: [file('return ctx.scope(c => c.run(a));')],
    },
    'in map, which hands it third': {
      code: file('return ctx.map(input, x => ctx.run(x));'),
      finds: ['untaken'],
    },
    'in a race and a gather': {
      code: file('await ctx.race({ a: () => ctx.run(a) });\nawait ctx.gather([async c => { await ctx.sleep(5); }]);'),
      finds: ['untaken', 'outer'],
      suggested: [
        undefined,
        file('await ctx.race({ a: () => ctx.run(a) });\nawait ctx.gather([async c => { await c.sleep(5); }]);'),
      ],
    },
    'from two scopes out': {
      code: file('return ctx.scope(a => a.shielded(b => a.run(x)));'),
      finds: ['outer'],
      suggested: [file('return ctx.scope(a => a.shielded(b => b.run(x)));')],
    },
    'in a function within': {
      code: file('return ctx.scope(c => Promise.all(input.map(x => ctx.run(x))));'),
      finds: ['outer'],
      suggested: [file('return ctx.scope(c => Promise.all(input.map(x => c.run(x))));')],
    },
    'in a compensation': {
      code: file('await ctx.saga(c => c.run(a, 1, { compensate: (done, undo) => c.run(b) }));'),
      finds: ['outer'],
      suggested: [file('await ctx.saga(c => c.run(a, 1, { compensate: (done, undo) => undo.run(b) }));')],
    },
  },
});

for (const [title, run] of cases) test(title, t => t.notThrows(run));
