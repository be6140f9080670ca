import type { ESLint, Linter, Rule } from 'eslint';
import { noDate } from './rules/no-date.ts';
import { noFetch } from './rules/no-fetch.ts';
import { noFloatingCtx } from './rules/no-floating-ctx.ts';
import { noModuleState } from './rules/no-module-state.ts';
import { noOuterCtx } from './rules/no-outer-ctx.ts';
import { noPlainRace } from './rules/no-plain-race.ts';
import { noRandom } from './rules/no-random.ts';
import { noTimers } from './rules/no-timers.ts';

const rules = {
  'no-date': noDate,
  'no-random': noRandom,
  'no-timers': noTimers,
  'no-fetch': noFetch,
  'no-floating-ctx': noFloatingCtx,
  'no-outer-ctx': noOuterCtx,
  'no-plain-race': noPlainRace,
  'no-module-state': noModuleState,
} satisfies Readonly<Record<string, Rule.RuleModule>>;

const plugin = { meta: { name: 'dfns' }, rules } satisfies ESLint.Plugin;

/** Every rule, as an error. */
const recommended: Linter.Config = {
  name: 'dfns/recommended',
  plugins: { dfns: plugin },
  rules: Object.fromEntries(Object.keys(rules).map(name => [`dfns/${name}`, 'error'])),
};

/**
 * An ESLint plugin (flat config) that finds what makes workflow code differ in replay, as it is written:
 *
 * ```js
 * // eslint.config.js
 * import dfns from 'dfns/lint';
 * export default [dfns.configs.recommended];
 * ```
 *
 * With TypeScript, give it a parser as for any other rule. It needs no types.
 */
export default { ...plugin, configs: { recommended } };
