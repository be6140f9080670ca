import test from 'ava';
import { casesOf, file } from '../rule-cases.test.support.ts';
import { noDate } from './no-date.ts';

const cases = casesOf('no-date', noDate, {
  valid: {
    'the time of ctx': file('return ctx.now();'),
    'a date of the input': file('return new Date(input.due).getTime() + Date.parse(input.from) + Date.UTC(2026, 0);'),
    'the clock in a step': file("return ctx.step('now', () => Date.now());"),
    'the clock in an async step of a scope': file(
      "return ctx.scope(async inner => inner.step('now', async function () { return new Date(); }));",
    ),
    'the clock in a task': file('return 1;', "export const now = task({ name: 'now' }, () => Date.now());"),
    'the clock in a function that only a step calls': file(
      "return ctx.step('now', () => today());",
      'const today = () => new Date();',
    ),
    'the clock in a function that a step is given': file(
      "return ctx.step('now', today);",
      'const today = () => new Date();',
    ),
    'the clock at the top of the module': file('return 1;', 'const begun = Date.now();'),
    'a Date of one’s own': file('return Date.now();', 'const Date = { now: () => 0 };'),
    'another workflow function': "import { workflow } from 'other';\nworkflow({ name: 'w' }, () => Date.now());",
    'Date as a type': file('const due: Date = input.due; return due as Date;'),
  },
  invalid: {
    'Date.now': { code: file('return Date.now();'), finds: ['clock'], fixed: file('return ctx.now();') },
    'new Date': {
      code: file('return [new Date(), new Date];'),
      finds: ['clock', 'clock'],
      fixed: file('return [new Date(ctx.now()), new Date(ctx.now())];'),
    },
    'globalThis.Date': {
      code: file('return globalThis.Date.now();'),
      finds: ['clock'],
      fixed: file('return ctx.now();'),
    },
    'Date by call, or handed on': {
      code: file('return [Date(), [1].map(Date.now)];'),
      finds: ['clock', 'clock'],
    },
    'other clocks': {
      code: file(
        'return [performance.now(), process.hrtime.bigint(), Temporal.Now.instant(), clock.now()];',
        "import { performance as clock } from 'node:perf_hooks';",
      ),
      finds: ['clock', 'clock', 'clock', 'clock'],
    },
    'under another name of workflow': {
      code: "import { workflow as define } from 'dfns';\ndefine({ name: 'w' }, c => Date.now());",
      finds: ['clock'],
      fixed: "import { workflow as define } from 'dfns';\ndefine({ name: 'w' }, c => c.now());",
    },
    'through the namespace': {
      code: "import * as dfns from 'dfns';\ndfns.workflow({ name: 'w' }, async function (c) { return Date.now(); });",
      finds: ['clock'],
      fixed: "import * as dfns from 'dfns';\ndfns.workflow({ name: 'w' }, async function (c) { return c.now(); });",
    },
    'in an implementation': {
      code: "import { order } from './order.js';\nexport default order.implement(async ctx => Date.now());",
      finds: ['clock'],
      fixed: "import { order } from './order.js';\nexport default order.implement(async ctx => ctx.now());",
    },
    'in a callback, of its own ctx': {
      code: file('return ctx.map(input, async (item, i, each) => ({ item, at: Date.now() }));'),
      finds: ['clock'],
      fixed: file('return ctx.map(input, async (item, i, each) => ({ item, at: each.now() }));'),
    },
    'in a handler': {
      code: file('const status = 1;\nctx.on(status, () => Date.now());'),
      finds: ['clock'],
      fixed: file('const status = 1;\nctx.on(status, () => ctx.now());'),
    },
    'in a callback that takes no ctx: time is the same in every scope': {
      code: file('return ctx.map(input, item => [item, Date.now()]);'),
      finds: ['clock'],
      fixed: file('return ctx.map(input, item => [item, ctx.now()]);'),
    },
    'in a handler given by name': {
      code: file('ctx.on(status, answer);', 'const answer = () => Date.now();'),
      finds: ['clock'],
    },
    'in a function of the file that a workflow calls, and those that it calls': {
      code: file('return stamp(ctx);', 'const stamp = c => at(c) + Date.now();\nfunction at() { return Date.now(); }'),
      finds: ['clock', 'clock'],
      fixed: file('return stamp(ctx);', 'const stamp = c => at(c) + c.now();\nfunction at() { return Date.now(); }'),
    },
    'in a workflow given by name': {
      code: "import { workflow } from 'dfns';\nasync function order(ctx) { return Date.now(); }\nworkflow({ name: 'o' }, order);",
      finds: ['clock'],
      fixed:
        "import { workflow } from 'dfns';\nasync function order(ctx) { return ctx.now(); }\nworkflow({ name: 'o' }, order);",
    },
    'in a function with a ctx by its type': {
      code: "import type { WorkflowContext } from 'dfns';\nexport async function stamp(ctx: WorkflowContext) { return Date.now(); }",
      finds: ['clock'],
      fixed:
        "import type { WorkflowContext } from 'dfns';\nexport async function stamp(ctx: WorkflowContext) { return ctx.now(); }",
    },
    'where the name of ctx means something else': {
      code: file('return input.map(ctx => Date.now() - ctx.at);'),
      finds: ['clock'],
    },
    'clocks of node:process': {
      code: file('return [hrtime.bigint(), process.uptime()];', "import process, { hrtime } from 'node:process';"),
      finds: ['clock', 'clock'],
    },
    'a copy of the clock that the module made': {
      code: file('return [now(), now()];', 'const now = Date.now;'),
      finds: ['clock'],
    },
  },
});

for (const [title, run] of cases) test(title, t => t.notThrows(run));
