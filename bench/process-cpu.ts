import { readdirSync, readFileSync } from 'node:fs';

/** Of /proc/PID/stat. */
const TICKS_A_SECOND = 100;

/** User and system CPU seconds of a process and its children, those that ended included. */
export function secondsOf(pid: number): number {
  let ticks = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const [parent, ...spent] = statOf(name);
    if (Number(name) === pid) ticks += spent.reduce((sum, each) => sum + each, 0);
    else if (parent === pid) ticks += spent[0]! + spent[1]!;
  }
  return ticks / TICKS_A_SECOND;
}

/** Parent, and ticks: user, system, and both of children that ended. */
function statOf(pid: string): number[] {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It ended between the list and the look.
    return [0, 0, 0, 0, 0];
  }
  // The name of the program may hold anything; what counts stands behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [1, 11, 12, 13, 14].map(place => Number(fields[place]));
}
