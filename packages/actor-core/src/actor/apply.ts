import { DfnsError } from '../errors/dfns-error.ts';
import type { Message } from '../message/message.ts';
import { receive } from '../state/receive/receive.ts';
import type { Coroutine } from './coroutine.ts';
import { setRunning } from './running.ts';

/**
 * Applies one message inside its hop: microtasks that run until the next hop are this run's. Live and replay alike.
 */
export function apply(coroutine: Coroutine, message: Message, cleanupMs: number): void {
  setRunning(coroutine);
  coroutine.enterStage('command' in message ? message.command : 0);
  try {
    receive(coroutine.state, message, coroutine, cleanupMs);
  } catch (error) {
    // No user code throws in here: what does is a record that cannot be read. It holds its execution, never the node.
    coroutine.fault =
      error instanceof DfnsError
        ? error
        : new DfnsError('INTERNAL', `A ${message.kind} message is damaged.`, { cause: error });
  }
  if (coroutine.state.conditions > 0) coroutine.checkWaits();
}
