import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DfnsError } from '@dfnsjs/actor-core';

const DEFAULT_FILES = ['src/workflows.ts', 'src/workflows.js', 'workflows.ts', 'workflows.js'];

/** The files that were named, or where none were, the one that a project of `dfns init` has. */
export async function filesOrDefault(named: readonly string[], cwd: string): Promise<readonly string[]> {
  if (named.length > 0) return named;
  for (const file of DEFAULT_FILES) {
    const there = await access(resolve(cwd, file)).then(
      () => true,
      () => false,
    );
    if (there) return [file];
  }
  throw new DfnsError(
    'VALIDATION',
    `Name the files that export workflows, here or as \`files\` of the config file. None of ${DEFAULT_FILES.join(', ')} is there.`,
  );
}
