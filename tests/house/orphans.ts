import { existsSync, globSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Removes from dist/ what no source stands for any more: a test of a file that is gone must not run on. */
const root = resolve('.');
for (const built of globSync('{packages,apps}/*/dist/**/*.{js,js.map,d.ts,d.ts.map}', { cwd: root })) {
  const source = built.replace(/\/dist\//, '/src/').replace(/\.(js|d\.ts)(\.map)?$/, '.ts');
  if (!existsSync(join(root, source)) && !existsSync(join(root, `${source}x`))) rmSync(join(root, built));
}
