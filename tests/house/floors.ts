import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { floorRules } from './floor-rules.ts';
import { readHouse, unplaced } from './house.ts';

const ROOTS = ['packages', 'apps', 'tests', 'bench', 'examples'];

/** Holds the imports of the repository in the working directory to floors.config.js; exit 1 where they differ. */
const root = resolve('.');
const house = await readHouse(root);
const { output } = await cruise(
  ROOTS.filter(folder => existsSync(join(root, folder))),
  {
    ruleSet: { forbidden: floorRules(house).map(rule => ({ ...rule, severity: 'error' as const })) },
    validate: true,
    // dependency-cruiser reads TypeScript below 7 only; left to itself it overlooks types that are exported again.
    parser: 'swc',
    exclude: '(^|/)dist/',
    doNotFollow: '(^|/)node_modules/',
  },
  { exportsFields: ['exports'], conditionNames: ['dfns-source', 'types', 'import', 'node', 'default'] },
);
const { modules, summary } = output as ICruiseResult;
const sources = modules.map(module => module.source);

const problems = [
  ...summary.violations.map(({ rule, from, to, cycle }) =>
    [`${from} → ${cycle ? cycle.map(step => step.name).join(' → ') : to}`, rule.name].join('\n  '),
  ),
  ...unplaced(house, sources).map(
    file => `${file}\n  Every file stands on a floor: give it a room in floors.config.js.`,
  ),
  ...Object.keys(house.packages)
    .filter(folder => !sources.some(source => source.startsWith(`${folder}/src/`)))
    .map(folder => `${folder}\n  No module was found here: the check would hold for anything.`),
];
for (const problem of problems) console.error(problem);
console.log(
  `floors: ${modules.length} modules, ${summary.totalDependenciesCruised ?? 0} imports, ${problems.length} problems`,
);
process.exitCode = problems.length > 0 ? 1 : 0;
