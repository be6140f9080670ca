import type { Message } from '../../message/message.ts';
import type { Program } from '../program.ts';
import type { RunState } from '../state.ts';
import { receiveAmend } from './amend.ts';
import { receiveCancel, receiveTerminate, receiveTimeout } from './cancel.ts';
import { receiveCrash, receiveRetry } from './crash.ts';
import { receiveReset } from './reset.ts';
import { receiveSent } from './sent.ts';
import { receiveSignal } from './signal.ts';
import { receiveTaskDone, receiveTaskFailed, receiveTaskStarted } from './task-result.ts';
import { receiveTaskOverride } from './task-override.ts';
import { receiveTimer } from './timer.ts';
import { receiveUpdate } from './update.ts';

/** About what a message weighs in the journal beside its payload, its command included. */
const MESSAGE_WEIGHT = 48;

function weightOf(message: Message): number {
  if (message.kind === 'task-done') return message.result.byteLength;
  if (message.kind === 'task-override') return message.payload?.byteLength ?? 0;
  return message.kind === 'signal' || message.kind === 'update' ? message.payload.byteLength : 0;
}

/** Applies one message, live or in replay alike. What it settles resumes at the drain that follows. */
export function receive(state: RunState, message: Message, program: Program, cleanupMs: number): void {
  state.at = message.at;
  state.weight += MESSAGE_WEIGHT + weightOf(message);
  state.messages++;
  if (state.ending) return;
  switch (message.kind) {
    case 'task-done':
      return receiveTaskDone(state, message);
    case 'timer':
      return receiveTimer(state, message);
    case 'signal':
      return receiveSignal(state, message, program);
    case 'start':
      state.begun = true;
      state.attributes = message.attributes;
      return program.begin();
    case 'task-failed':
      return receiveTaskFailed(state, message);
    case 'update':
      return receiveUpdate(state, message, program);
    case 'sent':
      return receiveSent(state, message);
    case 'cancel':
      return receiveCancel(state, message);
    case 'terminate':
      return receiveTerminate(state, message, program);
    case 'timeout':
      return receiveTimeout(state, message, program, cleanupMs);
    case 'crash':
      return receiveCrash(state, message);
    case 'task-started':
      return receiveTaskStarted(state, message);
    case 'retry':
      return receiveRetry(state, message);
    case 'amend':
      return receiveAmend(state, message);
    case 'task-override':
      return receiveTaskOverride(state, message);
    case 'reset':
      return receiveReset(state, message, program);
  }
}
