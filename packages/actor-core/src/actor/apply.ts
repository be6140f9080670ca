import type { Message } from '../message/message.ts';
import { receive } from '../state/receive/receive.ts';
import type { Coroutine } from './coroutine.ts';
import { setRunning } from './running.ts';

/**
 * Applies one message inside its hop: microtasks that run until the next hop are this run's. Live and replay alike.
 */
export function apply(coroutine: Coroutine, message: Message, cleanupMs: number): void {
  setRunning(coroutine);
  receive(coroutine.state, message, coroutine, cleanupMs);
  if (coroutine.state.conditions > 0) coroutine.checkConditions();
}
