import parser from '@dfnsjs/lint-parser';
import test from 'ava';
import { ESLint, Linter } from 'eslint';
import dfns from './plugin.ts';

const ORDER = `
import { workflow, type WorkflowContext } from 'dfns';

let started = 0;

export const order = workflow({ name: 'order' }, async (ctx, input: { items: string[] }) => {
  started++;
  const at = Date.now();
  ctx.sleep('1h');
  await ctx.map(input.items, item => ctx.step(item, () => Math.random()));
  return describe(ctx, at);
});

function describe(ctx: WorkflowContext, at: number): string {
  return \`\${at} \${Math.random()}\`;
}
`;

test('the recommended configuration finds what a first draft does wrong, and --fix mends what is safe', t => {
  const linter = new Linter();
  const config = [{ files: ['**/*.ts'], languageOptions: { parser } }, dfns.configs.recommended];
  const messages = linter.verify(ORDER, config, 'order.ts');
  t.deepEqual(
    messages.map(({ ruleId, line }) => [ruleId, line]),
    [
      ['dfns/no-module-state', 7],
      ['dfns/no-date', 8],
      ['dfns/no-floating-ctx', 9],
      ['dfns/no-outer-ctx', 10],
      ['dfns/no-random', 15],
    ],
  );
  const { output } = linter.verifyAndFix(ORDER, config, 'order.ts');
  t.regex(output, /const at = ctx\.now\(\);/);
  t.regex(output, /\$\{at\} \$\{ctx\.random\(\)\}/);
  t.regex(output, /\n {2}ctx\.sleep\('1h'\);/);
});

test('a file without workflows is none of its business', async t => {
  const eslint = new ESLint({ overrideConfigFile: true, overrideConfig: [dfns.configs.recommended] });
  const [result] = await eslint.lintText('let n = 0; n++; setTimeout(() => Date.now(), Math.random());');
  t.deepEqual(result?.messages, []);
});
