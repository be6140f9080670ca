import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** A program that a page shows, and what the page says it prints. */
export interface Program {
  /** `docs/guide/1-first-workflow.md:12` */
  readonly where: string;
  readonly code: string;
  /** The text block behind it; undefined: it says nothing of its output. */
  readonly prints: string | undefined;
}

const BLOCK = /^```ts\n(?<code>.*?)^```\n(?:\n```text\n(?<prints>.*?)^```\n)?/gms;

/** Every `ts` block of README and docs is a program of its own. */
export function programs(): Program[] {
  const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })].toSorted();
  return pages.flatMap(page => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    return [...text.matchAll(BLOCK)].map(({ index, groups }) => ({
      where: `${relative('.', page)}:${text.slice(0, index).split('\n').length}`,
      code: groups!['code']!,
      prints: groups!['prints'],
    }));
  });
}

/** Links of the pages to files of the repository, with where they stand. */
export function links(): { readonly where: string; readonly to: string }[] {
  const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: ROOT })];
  return pages.flatMap(page =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to = '']) => ({
      where: page,
      to: join(ROOT, page, '..', to),
    })),
  );
}
