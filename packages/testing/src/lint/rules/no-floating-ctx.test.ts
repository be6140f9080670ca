import test from 'ava';
import { casesOf, file } from '../rule-cases.test.support.ts';
import { noFloatingCtx } from './no-floating-ctx.ts';

const cases = casesOf('no-floating-ctx', noFloatingCtx, {
  valid: {
    'what is awaited, returned or handed on': file(
      'await ctx.sleep(5);\nconst both = [ctx.run(a), ctx.run(b)];\nawait Promise.all(both);\nreturn ctx.run(c);',
    ),
    'what is meant to float': file('void ctx.run(a);\nctx.run(b).catch(() => undefined);\nctx.run(c).then(f, g);'),
    'calls that give no promise': file("ctx.on(q, () => 1); ctx.setDetails('x'); ctx.log.info('x'); ctx.now();"),
    'a promise that is looked at later': file('const later = ctx.run(a);\nawait ctx.sleep(5);\nreturn later;'),
    'the run of something else': file('input.run(1); runner.sleep(5);', 'const runner = { sleep: x => x };'),
    'a forEach that only reads': file('input.forEach(x => x + 1);'),
    'promises of a step’s body': file("await ctx.step('a', () => { fetch('x'); });"),
  },
  invalid: {
    'a call by itself': {
      code: file('ctx.sleep(5);'),
      finds: ['floating'],
      suggested: [file('await ctx.sleep(5);')],
    },
    'in a callback that is not async': {
      code: file('await ctx.scope(inner => { inner.run(a); });'),
      finds: ['floating'],
    },
    'chains that handle no failure': {
      code: file('ctx.run(a).then(f);'),
      finds: ['floating'],
      suggested: [file('await ctx.run(a).then(f);')],
    },
    'a signal to another execution': {
      code: file("ctx.execution('x').signal(go);"),
      finds: ['floating'],
      suggested: [file("await ctx.execution('x').signal(go);")],
    },
    'an async helper that is given ctx': {
      code: file('pay(ctx, input);', 'async function pay(c, order) { await c.run(order); }'),
      finds: ['floating'],
      suggested: [file('await pay(ctx, input);', 'async function pay(c, order) { await c.run(order); }')],
    },
    'a promise that is kept and never looked at': {
      code: file('const lost = ctx.run(a);\nreturn 1;'),
      finds: ['unused'],
    },
    forEach: {
      code: file('input.forEach(x => ctx.run(x));\ninput.forEach(async x => { await ctx.run(x); });'),
      finds: ['forEach', 'forEach'],
    },
  },
});

for (const [title, run] of cases) test(title, t => t.notThrows(run));
