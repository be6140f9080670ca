import { mergeAttributes } from '../../execution/attributes.ts';
import type { AmendMessage } from '../../message/message.ts';
import type { RunState } from '../state.ts';

export function receiveAmend(state: RunState, message: AmendMessage): void {
  state.dedupe.add(message.id, message.at);
  state.attributes = mergeAttributes(state.attributes ?? undefined, message.changes);
  state.rowChanged = true;
}
