import type { ResetMessage } from '../../message/message.ts';
import type { Program } from '../program.ts';
import type { RunState } from '../state.ts';
import { clearCrashes } from '../pending.ts';

/** The kept prefix ends here: what is pending is done by this run, with all its attempts before it. */
export function receiveReset(state: RunState, message: ResetMessage, program: Program): void {
  state.runId = message.runId;
  state.sends = Math.max(state.sends, message.sends);
  state.lastAccepted = Math.max(state.lastAccepted, message.lastAccepted ?? 0);
  state.lastError = null;
  program.reseed(message.seed);
  for (const pending of state.pending.values()) {
    if (pending.kind === 'send') state.effects?.push({ kind: 'send', send: pending });
    if (pending.kind !== 'task') continue;
    const { totalTimeoutMs } = pending.policy;
    pending.deadline = totalTimeoutMs === undefined ? null : message.at + totalTimeoutMs;
    pending.counted = 0;
    clearCrashes(pending);
    pending.retryAt = null;
    pending.started = false;
    pending.lastError = null;
    if (!message.keepsKeys) pending.asker = message.runId;
    state.effects?.push({ kind: 'run-task', task: pending });
  }
}
