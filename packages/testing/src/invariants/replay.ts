import { sideInstance, type WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import type { Clock, Log, Store } from '@dfnsjs/actor-core/ports';
import type { RunHistory } from './history.ts';
import { Violation } from './violation.ts';

export interface ReplayPorts {
  readonly store: Pick<Store, 'load'>;
  readonly workflows: WorkflowRegistry;
  readonly clock: Clock;
  readonly log: Log;
}

/** Runs a stored history through the code again: the same commands, and at its end the same end. */
export async function assertReplays(ports: ReplayPorts, { row }: RunHistory): Promise<void> {
  let ending;
  try {
    const { coroutine } = await sideInstance({ ...ports, store: ports.store as Store }, row.eid, undefined, false);
    ({ ending } = coroutine.state);
  } catch (error) {
    throw new Violation(
      'replay',
      `${row.id}, run ${row.runId}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const status = ending?.status ?? 'running';
  if (status !== row.status) {
    throw new Violation('replay', `${row.id}, run ${row.runId} is ${row.status}, and ${status} when replayed.`);
  }
  if (ending && 'output' in ending && ending.status === 'completed') {
    const a = Buffer.from(ending.output);
    if (!row.output || !a.equals(row.output)) {
      throw new Violation('replay', `${row.id}, run ${row.runId} has another result when replayed.`);
    }
  }
}
