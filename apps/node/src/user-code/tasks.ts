import { DfnsError, type AnyTask } from '@dfnsjs/actor-core';

/** VALIDATION where two tasks have one name: nobody could tell their lines, metrics and retries apart. */
export function checkTasks(tasks: readonly AnyTask[]): void {
  const known = new Map<string, AnyTask>();
  for (const task of tasks) {
    const before = known.get(task.name);
    if (before && before !== task) {
      throw new DfnsError('VALIDATION', `Two tasks are named "${task.name}". Give one another name.`, {
        details: { task: task.name },
      });
    }
    known.set(task.name, task);
  }
}
