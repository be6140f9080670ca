import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory for one test, named with a space. */
export function scratchDirectory(t: { teardown: (clean: () => void) => void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'dfns sqlite '));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const clock = () => 1_700_000_000_000;
