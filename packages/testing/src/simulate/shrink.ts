import { kindOfChoice } from '../world/choices.ts';
import { simulate, type Simulation } from './simulate.ts';

/** A smaller world that fails as the one it came from. */
export interface Shrunk {
  /** As it was lived through last. */
  readonly world: Simulation;
  /** What was left out. */
  readonly without: ReadonlySet<string>;
  /** Worlds that were lived through for it. */
  readonly tries: number;
}

/** Lives through the world again with so many steps and without these choices. */
export type Again = (steps: number, without: ReadonlySet<string>) => Promise<Simulation>;

/** A world takes a fraction of a second. */
const MOST_TRIES = 400;

/**
 * Makes a failing world smaller while it fails in the same way: fewer steps, then without whole kinds of what chance
 * brought about, then without halves of what is left, quarters, and so on (delta debugging). What is left of clients,
 * faults and steps is what the failure needs, or nearly.
 *
 * @param most worlds to live through at most; default 400
 */
export async function shrink(failed: Simulation, again = livedAgain(failed), most = MOST_TRIES): Promise<Shrunk> {
  let world = failed;
  let without: ReadonlySet<string> = new Set();
  let { steps } = failed;
  let tries = 0;
  const fails = async (fewer: number, less: ReadonlySet<string>) => {
    if (tries >= most || fewer < 1) return false;
    tries++;
    const lived = await again(fewer, less);
    if (!isSame(lived, failed)) return false;
    [world, steps, without] = [lived, fewer, less];
    return true;
  };
  const leaveOut = (names: readonly string[]) => fails(steps, new Set([...without, ...names]));

  if (failed.failure) await fails(failed.failure.step, without);
  for (let by = steps >> 1; by > 0; by >>= 1) while (await fails(steps - by, without));
  for (const names of Map.groupBy(world.made, kindOfChoice).values()) await leaveOut(names);
  for (let size = world.made.length >> 1; size > 0; size >>= 1) {
    let at = 0;
    // Without some of them the next ones stand in their place.
    while (at < world.made.length) at += (await leaveOut(world.made.slice(at, at + size))) ? 0 : size;
  }
  return { world, without, tries };
}

function livedAgain({ seed, most, measured }: Simulation): Again {
  return (steps, without) => simulate(seed, steps, { most, measured, without });
}

/** The same invariant, or the same words. */
function isSame(a: Simulation, b: Simulation): boolean {
  return a.failure !== null && b.failure !== null && kindOf(a.failure.error) === kindOf(b.failure.error);
}

function kindOf(error: Error): string {
  return `${error.name} ${error.message.replaceAll(/"[^"]*"|[\da-f]{8}-[\da-f-]+|[\d./]+/g, '')}`;
}
