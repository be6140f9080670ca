import { setTimeout as pause } from 'node:timers/promises';

/** Waits until a condition holds; the test's own timeout bounds it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(10);
}
