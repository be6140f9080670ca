/**
 * Stops a program on a Node that is too old with one clear line. Entry points import this file first, so that it runs
 * before any module that would fail in ways nobody understands. It may use only what Node 18 can parse and has.
 */
export const OLDEST_NODE = '22.20.0';

/** What is wrong with a version of Node, or undefined; where there is no Node at all (a browser), nothing is. */
export function nodeVersionProblem(version: string | undefined): string | undefined {
  if (version === undefined || isAtLeast(version, OLDEST_NODE)) return undefined;
  return `dfns needs Node.js ${OLDEST_NODE} or newer, and this is ${version}: install a newer one from nodejs.org.`;
}

function isAtLeast(version: string, oldest: string): boolean {
  const numbers = version.split('.').map(part => parseInt(part, 10));
  const bounds = oldest.split('.').map(part => parseInt(part, 10));
  for (let i = 0; i < bounds.length; i++) {
    const [number, bound] = [numbers[i] || 0, bounds[i] || 0];
    if (number !== bound) return number > bound;
  }
  return true;
}

const problem = nodeVersionProblem(typeof process === 'undefined' ? undefined : process.versions?.node);
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}
