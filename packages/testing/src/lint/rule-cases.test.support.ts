import parser from '@dfnsjs/lint-parser';
import { RuleTester, type Rule } from 'eslint';

// Each case is a test of its own: what RuleTester would declare runs at once in it.
RuleTester.describe = (_, run) => run();
RuleTester.it = (_, run) => run();

interface Invalid {
  readonly code: string;
  /** The id of each message, in the order of the file. */
  readonly finds: readonly string[];
  /** What --fix makes of it. Absent: it changes nothing. */
  readonly fixed?: string;
  /** What each finding suggests; absent: nothing. */
  readonly suggested?: readonly (string | undefined)[];
}

export interface Cases {
  readonly valid: Readonly<Record<string, string>>;
  readonly invalid: Readonly<Record<string, Invalid>>;
}

/** A file with one workflow of this body; `top` stands before it. */
export function file(body: string, top = ''): string {
  return `import { workflow, task, signal } from 'dfns';\n${top}\nexport const w = workflow({ name: 'w' }, async (ctx, input) => {\n${body}\n});\n`;
}

/** A test for each case, by its title: it throws where the rule does something else. As JavaScript too, where it is. */
export function casesOf(name: string, rule: Rule.RuleModule, { valid, invalid }: Cases): Map<string, () => void> {
  const run = (cases: Parameters<RuleTester['run']>[2], code: string) => {
    for (const languageOptions of isTypeScript(code) ? [{ parser }] : [{}, { parser }]) {
      const tester = new RuleTester({
        languageOptions: { ...languageOptions, ecmaVersion: 'latest', sourceType: 'module' },
      });
      tester.run(name, rule, cases);
    }
  };
  const cases = new Map<string, () => void>();
  for (const [title, code] of Object.entries(valid)) {
    cases.set(`${name} lets be: ${title}`, () => run({ valid: [code], invalid: [] }, code));
  }
  for (const [title, { code, finds, fixed, suggested = [] }] of Object.entries(invalid)) {
    const errors = finds.map((messageId, i) => {
      const output = suggested[i];
      return output === undefined ? { messageId } : { messageId, suggestions: [{ messageId: 'suggestion', output }] };
    });
    cases.set(`${name} finds: ${title}`, () =>
      run({ valid: [], invalid: [{ code, errors, output: fixed ?? null }] }, code),
    );
  }
  return cases;
}

function isTypeScript(code: string): boolean {
  return /: (WorkflowContext|ScopeContext|Date|any)\b| as |<\w+>\(|!\.|import type/.test(code);
}
