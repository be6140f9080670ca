import { validation } from '../errors/dfns-error.ts';

/**
 * The own, defined options of `value`. VALIDATION names an option that is not among `names`, and the nearest that is,
 * so that a typo or an option of another version never goes unnoticed. `what` names the owner: `task "charge"`.
 */
export function readOptions<Name extends string>(
  value: unknown,
  what: string,
  names: readonly Name[],
): { readonly [K in Name]?: unknown } {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw validation(`The options of ${what} must be an object, got ${kindOf(value)}.`);
  }
  const read: { [K in Name]?: unknown } = {};
  for (const [name, given] of Object.entries(value)) {
    const known = names.find(candidate => candidate === name);
    if (known === undefined) throw unknownOption(name, what, names);
    if (given !== undefined) read[known] = given;
  }
  return read;
}

function unknownOption(name: string, what: string, names: readonly string[]) {
  const near = nearest(name, names);
  const advice = near === undefined ? `Its options are: ${names.join(', ')}.` : `Did you mean ${JSON.stringify(near)}?`;
  return validation(`There is no option ${JSON.stringify(name)} in ${what}. ${advice}`, { option: name });
}

/** The candidate that `name` most likely is a slip of, or undefined if none is near. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(name);
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wanted.length * 0.4)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, plain(candidate));
    // Swapping every letter of a short name is no slip.
    if (distance < bestDistance && distance < candidate.length) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/[-_\s]/g, '')
    .slice(0, 64);
}

/** Insertions, deletions, replacements and swaps of neighbours between two words. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let cost = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, replaced);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(cost);
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length] ?? a.length;
}

/** What a wrong value is, for messages: never its content. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value;
}

/** One of `choices`; VALIDATION lists them. */
export function parseChoice<Choice extends string>(value: unknown, what: string, choices: readonly Choice[]): Choice {
  const chosen = choices.find(choice => choice === value);
  if (chosen !== undefined) return chosen;
  const got = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : kindOf(value);
  throw validation(`${what} must be one of ${choices.map(choice => `'${choice}'`).join(', ')}, got ${got}.`);
}
