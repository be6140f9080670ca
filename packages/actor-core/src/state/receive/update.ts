import type { UpdateMessage } from '../../message/message.ts';
import type { Program } from '../program.ts';
import type { RunState } from '../state.ts';

export function receiveUpdate(state: RunState, message: UpdateMessage, program: Program): void {
  state.dedupe.add(message.id, message.at);
  state.updates.set(message.id, message.name);
  program.handleUpdate(message.id, message.name, message.payload);
}
